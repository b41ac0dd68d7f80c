import { packs, packVersion, platformRules, ruleMessages, lintRules } from '@crossdesk/outgoing-lint';
import { type Generated, generatedMark } from './generated-file.ts';

type Pack = (typeof packs)[number];

/** The page about what stops a message to a buyer. */
export function generateLintPage(): Generated {
  const own = lintRules.filter((rule) => !platformRules.some((platform) => platform === rule));
  const text = [
    `<!-- ${generatedMark} -->`,
    '',
    '# What is checked before a message goes out',
    '',
    `Every text to a buyer is checked when it is sent, whoever wrote it. What is \`STOP\` is refused with its clause; a supervisor or admin may send it with a reason. What is \`WARN\` is advice: \`lintReply\` shows both for a draft. The words are in \`packages/outgoing-lint\`; this is version ${packVersion} of the packs.`,
    '',
    '## Platforms',
    '',
    'A workspace may lower a rule of a platform to a warning for a channel (`setLintRule`). A rule of which no text of the platform was found only warns.',
    '',
    ...packs.flatMap(section),
    '## On every channel',
    '',
    'What contradicts the order or the policy stops a message (`claim-…`); what sounds wrong warns (`tone-…`). What is not known contradicts nothing. `claim-days` needs the return days of the policy of the shop, which no service passes yet: until then it finds nothing.',
    '',
    ...table(
      ['rule', 'severity', 'what it says', '中文'],
      own.map((rule) => [
        rule,
        rule.startsWith('claim-') ? 'STOP' : 'WARN',
        ruleMessages[rule].en,
        ruleMessages[rule].zh,
      ]),
    ),
    '',
    '## What the rules of platforms say',
    '',
    ...table(
      ['rule', 'what it says', '中文'],
      platformRules.map((rule) => [rule, ruleMessages[rule].en, ruleMessages[rule].zh]),
    ),
    '',
  ].join('\n');
  return { files: [{ path: 'docs/outgoing-lint.md', text }], refusals: [], notes: [] };
}

function section({ platform, channels, rules }: Pack): string[] {
  const rows = Object.entries(rules).map(([rule, { severity, source, isVerified }]) => [
    rule,
    severity.toUpperCase(),
    isVerified ? source : `${source} (unverified)`,
  ]);
  const head = [`### ${platform}`, '', `Channels: ${channels.map((channel) => `\`${channel}\``).join(', ')}.`, ''];
  if (rows.length === 0)
    return [...head, 'Nothing is forbidden by a platform: the buyer writes to the store itself.', ''];
  return [...head, ...table(['rule', 'severity', 'source'], rows), ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
