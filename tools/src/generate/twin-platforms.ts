import { root } from '../repository.ts';
import { channelFoldersOf, variableOf } from './channel-folders.ts';
import { type Generated, generatedMark } from './generated-file.ts';

const sources = 'apps/twin/src';

/** The list of the simulated platforms: every folder in the twin's sources is one, and its name is the channel word. */
export function generateTwinPlatforms(tree = root): Generated {
  const { names, refusals } = channelFoldersOf(tree, sources, ['<name>.platform.ts']);
  const words = [
    `// ${generatedMark}\n`,
    `export const platformNames = [\n${names.map((name) => `  '${name}',\n`).join('')}] as const;\n`,
    `export type Platform = (typeof platformNames)[number];\n`,
  ].join('');
  const platforms = [
    `// ${generatedMark}\n`,
    `import type { Platforms } from './platform.port.ts';\n`,
    ...names.map((name) => `import { platform as ${variableOf(name)} } from './${name}/${name}.platform.ts';\n`),
    `\nexport const platforms: Platforms = {\n`,
    ...names.map((name) => `  '${name}': ${variableOf(name)},\n`),
    `};\n`,
  ].join('');
  const files = [
    { path: `${sources}/platform-names.generated.ts`, text: words },
    { path: `${sources}/platforms.generated.ts`, text: platforms },
  ];
  return { files, refusals, notes: [] };
}
