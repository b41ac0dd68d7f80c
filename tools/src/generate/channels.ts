import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChannelAdapter, ChannelRecord } from '@crossdesk/channels/adapters';
import { root } from '../repository.ts';
import { channelFoldersOf, variableOf } from './channel-folders.ts';
import { channelsPage } from './channels-page.ts';
import { type Generated, type GeneratedFile, generatedMark } from './generated-file.ts';

const folder = 'packages/channels/src';

const channelFiles = ['<name>.record.ts', '<name>.adapter.ts', '<name>.samples.ts', '<name>.conformance.test.ts'];
const sharedFolders = ['port', 'shared', 'conformance'];

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

function listOf(
  names: readonly string[],
  what: 'record' | 'adapter' | 'samples',
  declaration: string,
  type: string,
): string {
  const imports = names.map((name) => `import { ${what} as ${variableOf(name)} } from './${name}/${name}.${what}.ts';`);
  const entries = names.map((name) => `  '${name}': ${variableOf(name)},`);
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

/** For the tests that try every channel. */
function samplesFile(names: readonly string[]): GeneratedFile {
  const types = [
    `import type { ChannelSamples } from './conformance/samples.ts';`,
    `import type { Channel } from './records.generated.ts';`,
  ].join('\n');
  const declaration = 'export const samples: Readonly<Record<Channel, ChannelSamples>> = {';
  return { path: `${folder}/samples.generated.ts`, text: `${listOf(names, 'samples', declaration, types)}\n};\n` };
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
  const { names, refusals } = channelFoldersOf(root, folder, channelFiles, sharedFolders);
  if (refusals.length > 0) return { files: [], refusals, notes: [] };
  const records = await Promise.all(names.map(recordIn));
  const adapters = await Promise.all(names.map(adapterIn));
  const files = [
    recordsFile(names),
    adaptersFile(names),
    samplesFile(names),
    enumFile(records),
    channelsPage(adapters),
  ];
  return { files, refusals: [], notes: [] };
}
