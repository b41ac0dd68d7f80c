import type { Answer } from './call.ts';

/**
 * The page on which a seller gives an app access to their shop or refuses it: two links that lead back to the app. Tests
 * follow one of them as a browser would.
 */
export function consentPage(
  app: string,
  shop: string,
  links: { readonly agree: string; readonly refuse: string },
): Answer {
  const link = (href: string, id: string, words: string) => `<p><a id="${id}" href="${escaped(href)}">${words}</a></p>`;
  const body = `<!doctype html><title>Authorise</title><h1>${escaped(shop)}: let ${escaped(app)} in?</h1>
${link(links.agree, 'agree', 'Agree')}
${link(links.refuse, 'refuse', 'Refuse')}
`;
  return { status: 200, contentType: 'text/html; charset=utf-8', body };
}

/** The address of a link on a consent page, for tests. */
export function linkIn(page: string, id: 'agree' | 'refuse'): string {
  const href = page.split(`id="${id}" href="`)[1]?.split('"', 1)[0];
  if (href === undefined) throw new Error(`the page has no link "${id}"`);
  return href.replaceAll('&amp;', '&');
}

/** The address with added parameters. */
export function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const result = new URL(url);
  for (const [name, value] of Object.entries(parameters)) result.searchParams.set(name, value);
  return result.href;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
