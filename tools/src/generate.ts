import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listCommitted } from './generate/committed.ts';
import type { Generated } from './generate/generated-file.ts';
import { root } from './repository.ts';

/** The generators by the name of their drift check; loaded when needed, because the tools behind them are heavy. */
const parts: Readonly<Record<string, () => Promise<Generated[]>>> = {
  // First: the other parts read the lists it writes.
  channels: async () => [await (await import('./generate/channels.ts')).generateChannels()],
  contracts: async () => {
    const [schemas, asyncApi, page] = await Promise.all([
      import('./generate/event-schemas.ts'),
      import('./generate/asyncapi.ts'),
      import('./generate/events-page.ts'),
    ]);
    return [schemas.generateEventSchemas(), asyncApi.generateAsyncApi(), page.generateEventsPage()];
  },
  graphql: async () => {
    const [supergraph, types] = await Promise.all([
      import('./generate/supergraph.ts'),
      import('./generate/resolver-types.ts'),
    ]);
    return [supergraph.generateSupergraph(), await types.generateResolverTypes()];
  },
  types: async () => {
    const published = await import('./generate/published-types.ts');
    return [published.generateEventTypes(), await published.generateApiTypes()];
  },
  capabilities: async () => [(await import('./generate/capabilities.ts')).generateCapabilities()],
  lint: async () => [(await import('./generate/lint-page.ts')).generateLintPage()],
  observe: async () => [(await import('./generate/dashboard.ts')).generateDashboard()],
  twin: async () => [(await import('./generate/twin-platforms.ts')).generateTwinPlatforms()],
  db: async () => [await (await import('./generate/db-types.ts')).generateAllDbTypes()],
};

function onDisk(path: string): string | null {
  const full = join(root, path);
  return existsSync(full) ? readFileSync(full, 'utf8') : null;
}

/** Published schemas whose event is not defined any more. */
function abandoned(part: string, files: readonly { readonly path: string }[]): string[] {
  if (part !== 'contracts') return [];
  const kept = new Set(files.map((file) => file.path));
  return listCommitted('packages/contracts/schemas')
    .filter((path) => !kept.has(path) && existsSync(join(root, path)))
    .map(
      (path) =>
        `${path} has no event any more: keep its definition while records of it are in the log, then delete the file`,
    );
}

async function generate(part: string, make: () => Promise<Generated[]>, isCheck: boolean): Promise<string[]> {
  const generated = await make();
  const files = generated.flatMap((result) => result.files);
  const problems = [...generated.flatMap((result) => result.refusals), ...abandoned(part, files)];
  for (const note of generated.flatMap((result) => result.notes)) console.log(`note: ${note}`);
  if (problems.length > 0) return problems;
  const changed = files.filter((file) => onDisk(file.path) !== file.text);
  if (isCheck) return changed.map((file) => `${file.path} is stale: run \`pnpm generate\` and commit the result`);
  for (const file of changed) {
    await mkdir(dirname(join(root, file.path)), { recursive: true });
    await writeFile(join(root, file.path), file.text);
    console.log(`wrote ${file.path}`);
  }
  return [];
}

const isCheck = process.argv.includes('--check');
const wanted = process.argv.slice(2).filter((argument) => argument !== '--check');
const unknown = wanted.filter((name) => !(name in parts));
const problems = unknown.map((name) => `there is no generator ${name}; there are ${Object.keys(parts).join(', ')}`);
for (const [part, make] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(part)) continue;
  const found = generate(part, make, isCheck);
  // Their messages are for the person who wrote the source; the stack would hide them.
  problems.push(...(await found.catch((error: unknown) => [error instanceof Error ? error.message : String(error)])));
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
