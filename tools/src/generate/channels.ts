import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChannelAdapter, ChannelRecord } from '@crossdesk/channels/adapters';
import { root } from '../repository.ts';
import { channelsPage } from './channels-page.ts';
import { type Generated, type GeneratedFile, generatedMark } from './generated-file.ts';

const folder = 'packages/channels/src';

/** The folders that hold a channel: each has a record and an adapter named after it. */
function channelFolders(): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => existsSync(join(root, folder, name, `${name}.record.ts`)))
    .sort();
}

function importOf(path: string): Promise<unknown> {
  return import(pathToFileURL(join(root, path)).href);
}

async function recordIn(name: string): Promise<ChannelRecord> {
  const { record } = (await importOf(`${folder}/${name}/${name}.record.ts`)) as { record: ChannelRecord };
  if (record.channel === name) return record;
  throw new Error(`${folder}/${name}/${name}.record.ts says that its channel is ${record.channel}: name it ${name}`);
}

async function adapterIn(name: string): Promise<ChannelAdapter> {
  const { adapter } = (await importOf(`${folder}/${name}/${name}.adapter.ts`)) as { adapter: ChannelAdapter };
  return adapter;
}

function identifier(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function listOf(names: readonly string[], what: 'record' | 'adapter', declaration: string, type: string): string {
  const imports = names.map((name) => `import { ${what} as ${identifier(name)} } from './${name}/${name}.${what}.ts';`);
  const entries = names.map((name) => `  '${name}': ${identifier(name)},`);
  const typeImport = type === '' ? [] : [type];
  return [`// ${generatedMark}`, ...typeImport, ...imports, '', declaration, ...entries].join('\n');
}

function recordsFile(names: readonly string[]): GeneratedFile {
  const list = listOf(names, 'record', 'export const records = {', '');
  const text = `${list}\n} as const;\n\n/** The words of the channels of this version. */\nexport type Channel = keyof typeof records;\n`;
  return { path: `${folder}/records.generated.ts`, text };
}

function adaptersFile(names: readonly string[]): GeneratedFile {
  const types = [
    `import type { ChannelAdapter } from './port/adapter.port.ts';`,
    `import type { Channel } from './records.generated.ts';`,
  ].join('\n');
  const declaration = 'export const adapters: Readonly<Record<Channel, ChannelAdapter>> = {';
  return { path: `${folder}/adapters.generated.ts`, text: `${listOf(names, 'adapter', declaration, types)}\n};\n` };
}

function enumFile(records: readonly ChannelRecord[]): GeneratedFile {
  const values = records.flatMap(({ channel, summary }) => [
    `  ${JSON.stringify(summary)}`,
    `  ${channel.toUpperCase().replaceAll('-', '_')}`,
  ]);
  const text = [
    `# ${generatedMark}`,
    '"The platform a message or order comes from."',
    'enum Channel {',
    ...values,
    '}',
  ];
  return { path: 'packages/channels/channels.generated.graphql', text: `${text.join('\n')}\n` };
}

/** The lists that name every channel, made from the folders in packages/channels. */
export async function generateChannels(): Promise<Generated> {
  const names = channelFolders();
  const records = await Promise.all(names.map(recordIn));
  const adapters = await Promise.all(names.map(adapterIn));
  const files = [recordsFile(names), adaptersFile(names), enumFile(records), channelsPage(adapters)];
  return { files, refusals: [], notes: [] };
}
