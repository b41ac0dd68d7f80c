import type { CompleteOutcome } from './authorisation.commands.ts';

type Failure = Extract<CompleteOutcome, { readonly ok: false }>;

const failures: Readonly<Record<Failure['reason'], { readonly en: string; readonly zh: string }>> = {
  UNKNOWN_STATE: {
    en: 'This link is unknown or was already used. Start the authorisation again in Crossdesk.',
    zh: '该链接无效或已使用：请在 Crossdesk 中重新发起授权。',
  },
  REFUSED: {
    en: 'The platform did not give access. Nothing was connected.',
    zh: '平台未授予访问权限，未连接任何店铺。',
  },
  UNREACHABLE: {
    en: 'The platform cannot be reached now. Start the authorisation again in a few minutes.',
    zh: '暂时无法连接平台，请几分钟后重新发起授权。',
  },
};

/** The page for the person at the browser, in English and Chinese. */
export function authorisationPage(outcome: CompleteOutcome): string {
  if (!outcome.ok) {
    const { en, zh } = failures[outcome.reason];
    return page('Not connected · 未连接', [en, zh]);
  }
  const names = outcome.accounts.map(({ display_name, external_account_id }) =>
    display_name === external_account_id ? display_name : `${display_name} (${external_account_id})`,
  );
  return page('Connected · 已连接', [...names, 'You can close this window.', '您可以关闭此窗口。']);
}

function page(title: string, lines: readonly string[]): string {
  const paragraphs = lines.map((line) => `<p>${escaped(line)}</p>`).join('\n');
  const style = 'body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head>
<body><h1>${escaped(title)}</h1>
${paragraphs}
</body></html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
