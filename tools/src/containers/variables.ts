import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../repository.ts';

type Reader = (env: NodeJS.ProcessEnv) => unknown;

/** These come from the command line first. */
const commandLines = new Set([
  'readStandaloneConfig',
  'readClusterConfig',
  'readTopicsConfig',
  'readIntegratorConfig',
  'readKeysConfig',
]);

/** Folders with a program: each has a `src/config.ts`. */
export function programs(): string[] {
  return globSync('{services,apps}/*/src/config.ts', { cwd: root })
    .map((path) => dirname(dirname(path)).replaceAll('\\', '/'))
    .sort();
}

/** The functions that read the environment of a program, by name. */
export async function readersOf(program: string): Promise<ReadonlyMap<string, Reader>> {
  const module = (await import(join(root, program, 'src/config.ts'))) as Record<string, unknown>;
  const readers = Object.entries(module).filter(
    (entry): entry is [string, (...args: unknown[]) => unknown] =>
      /^read\w*Config$/.test(entry[0]) && typeof entry[1] === 'function',
  );
  return new Map(readers.map(([name, read]) => [name, (env) => (commandLines.has(name) ? read([], env) : read(env))]));
}

/** The names a reader looks up in the environment; of `NAME` and `NAME_FILE` only the first. */
export function variablesOf(reader: Reader): string[] {
  const asked = new Set<string>();
  const environment = new Proxy<NodeJS.ProcessEnv>({}, { get: (_, name) => void asked.add(String(name)) });
  try {
    reader(environment);
  } catch {
    // Without values most readers throw; the names they looked up are known by then.
  }
  return [...asked].filter((name) => !asked.has(name.replace(/_FILE$/, '')) || !name.endsWith('_FILE')).sort();
}

/** The variables that a text in the form of `.env` sets. */
export function readEnvFile(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  });
  return Object.fromEntries(pairs);
}

/** The readers of each variable, from the bracket above it in a text in the form of `.env`: `# … [start cluster]`. */
export function readersInEnvFile(text: string): Record<string, string[]> {
  let readers: string[] = [];
  const pairs = text.split('\n').flatMap((line) => {
    const [, words] = /^#.*\[([a-z ]+)\]$/.exec(line) ?? [];
    if (words !== undefined) readers = words.split(' ');
    const [, name] = /^([A-Z][A-Z0-9_]*)=/.exec(line) ?? [];
    return name === undefined ? [] : [[name, readers] as const];
  });
  return Object.fromEntries(pairs);
}
