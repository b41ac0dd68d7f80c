import type { FileLimits } from '@crossdesk/channels';
import type { ChannelAdapter, Facet } from '@crossdesk/channels/adapters';
import { type GeneratedFile, generatedMark } from './generated-file.ts';

const facets: Readonly<Record<Facet, string>> = {
  webhooks: 'pushes',
  threads: 'conversations read back and polled',
  messages: 'messages polled',
  orders: 'orders',
  buyers: 'buyers looked up',
  media: 'files fetched by their id',
  files: 'files uploaded',
  tokens: 'tokens renewed',
  authorisation: 'authorised at the platform (OAuth)',
  sender: 'replies sent',
};

function has(adapter: ChannelAdapter, facet: Facet): boolean {
  return adapter[facet] !== null;
}

function overview(adapters: readonly ChannelAdapter[]): string[] {
  const names = Object.keys(facets) as Facet[];
  const rows = adapters.map((adapter) => {
    const { channel, title } = adapter.record;
    return [`${title.en} \`${channel}\``, ...names.map((facet) => (has(adapter, facet) ? 'yes' : '-'))];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['channel', ...names.map((facet) => facets[facet])];
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function limitsOf({ record: { capabilities } }: ChannelAdapter): string[] {
  const { files, replyWindowHours, answerWithinHours, sendsPerDayMax, authorisationDays } = capabilities;
  return [
    `- receives: ${capabilities.receives.join(', ')}`,
    `- sends: ${capabilities.sends.join(', ')}; a text of at most ${capabilities.textCharactersMax} characters`,
    ...Object.entries(files).map(([kind, limits]) => `- ${kind}: ${fileLimits(limits)}`),
    `- replies: ${replyWindowHours === null ? 'at any time' : `within ${replyWindowHours} hours after the buyer wrote`}`,
    ...(authorisationDays === null
      ? []
      : [
          `- authorised for at most ${authorisationDays} days, warned of ${capabilities.authorisationWarnDays.join(', ')} days ahead`,
        ]),
    ...(answerWithinHours === null ? [] : [`- counted by the platform: an answer within ${answerWithinHours} hours`]),
    `- rate: ${capabilities.sendsPerSecondMax} a second${sendsPerDayMax === null ? '' : `, ${sendsPerDayMax} a UTC day`}`,
    `- reports: ${capabilities.reportsDelivered ? 'delivered' : 'no delivery receipts'}, ${capabilities.reportsRead ? 'read' : 'no read receipts'}`,
  ];
}

function fileLimits({ bytesMax, mimeTypes, captionCharactersMax }: FileLimits): string {
  const size = bytesMax === null ? 'any size' : `at most ${bytesMax} bytes`;
  const caption = captionCharactersMax === 0 ? 'no caption' : `caption of at most ${captionCharactersMax} characters`;
  return `${size}; ${mimeTypes?.join(', ') ?? 'any type'}; ${caption}`;
}

function section(adapter: ChannelAdapter): string[] {
  const { title, channel, summary, unverified } = adapter.record;
  const missing = Object.entries(adapter.lacks).map(([, reason]) => `- ${reason}`);
  const unsure = Object.entries(unverified).map(([name, why]) => `- \`${name}\`: ${why}`);
  return [
    `## ${title.en} · ${title.zh}`,
    '',
    `\`${channel}\`. ${summary}`,
    '',
    ...limitsOf(adapter),
    ...(missing.length === 0 ? [] : ['', 'Not available:', '', ...missing]),
    ...(unsure.length === 0 ? [] : ['', 'Values the platform does not publish:', '', ...unsure]),
    '',
  ];
}

/** The page about the capabilities of each channel. */
export function channelsPage(adapters: readonly ChannelAdapter[]): GeneratedFile {
  const text = [
    `<!-- ${generatedMark} -->`,
    '',
    '# Channels',
    '',
    ...overview(adapters),
    '',
    ...adapters.flatMap(section),
  ];
  return { path: 'docs/channels.md', text: `${text.join('\n').trimEnd()}\n` };
}
