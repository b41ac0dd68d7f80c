import { readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { globSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';
import { root } from '../repository.ts';

/** The parts of a source file that the rules check. */
export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
  readonly readsProcessEnv: boolean;
}

export interface Import {
  /** As in the source: `./close.domain.ts`, `@crossdesk/contracts`, `pg`. */
  readonly specifier: string;
  /** For relative imports: from the root. */
  readonly path: string | null;
  readonly isTypeOnly: boolean;
}

const sourceGlobs = ['packages', 'services', 'apps', 'examples', 'bench', 'reliability', 'infra', 'tools'].map(
  (folder) => `${folder}/**/*.ts`,
);

function importOf(filePath: string, specifier: string, isTypeOnly: boolean): Import {
  const path = specifier.startsWith('.') ? posix.join(dirname(filePath), specifier) : null;
  return { specifier, path, isTypeOnly };
}

/** Reads one file's imports and its use of process.env; fails for a file that does not parse. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path} does not parse: ${errors[0].message}`);
  const imports: Import[] = module.staticImports.map((found) =>
    importOf(path, found.moduleRequest.value, found.entries.length > 0 && found.entries.every((entry) => entry.isType)),
  );
  for (const found of module.staticExports.flatMap((statement) => statement.entries)) {
    if (found.moduleRequest !== null) imports.push(importOf(path, found.moduleRequest.value, found.isType));
  }
  let readsProcessEnv = module.staticImports.some(
    (found) =>
      /^(node:)?process$/.test(found.moduleRequest.value) &&
      found.entries.some((entry) => entry.importName.name === 'env'),
  );
  new Visitor({
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string') {
        imports.push(importOf(path, node.source.value, false));
      }
    },
    TSImportType(node) {
      imports.push(importOf(path, node.source.value, true));
    },
    MemberExpression(node) {
      if (node.object.type !== 'Identifier' || node.object.name !== 'process') return;
      const { property } = node;
      if (property.type === 'Identifier' && property.name === 'env') readsProcessEnv = true;
      if (property.type === 'Literal' && property.value === 'env') readsProcessEnv = true;
    },
  }).visit(program);
  return { path, imports, readsProcessEnv };
}

/** Every TypeScript file of the repository, generated ones included. */
export async function readSources(): Promise<SourceFile[]> {
  const isOurs = (path: string) => !/(^|\/)(node_modules|\.tsbuild|\.data)\//.test(path);
  const paths = globSync(sourceGlobs, { cwd: root, exclude: (name) => !isOurs(`${name}/`) })
    .map((path) => path.replaceAll('\\', '/'))
    .filter(isOurs)
    .sort();
  return Promise.all(paths.map(async (path) => parseSource(path, await readFile(join(root, path), 'utf8'))));
}
