import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { type Generated, generatedMark } from './generated-file.ts';

const sources = 'apps/twin/src';

/** The list of the simulated platforms: every folder among the twin's sources is one, and its name is the channel word. */
export function generateTwinPlatforms(tree = root): Generated {
  const names = readdirSync(join(tree, sources), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
  const refusals = names.flatMap((name) => findProblem(tree, name) ?? []);
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

function findProblem(tree: string, name: string): string | null {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return `${sources}/${name}: a platform's folder is named as its channel, in small letters, digits and single hyphens`;
  const path = `${sources}/${name}/${name}.platform.ts`;
  return existsSync(join(tree, path)) ? null : `${path} is missing: every folder of ${sources} is a platform`;
}

function variableOf(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
