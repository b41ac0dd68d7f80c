import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { readComposeFile } from './compose-file.ts';
import { programs, readEnvFile, readersInEnvFile, readersOf, variablesOf } from './variables.ts';

const text = readFileSync(join(root, '.env.example'), 'utf8');
const example = readEnvFile(text);

/** The ways to run, in the words and the order of .env.example; the twin alone is a tool for developers. */
function wayOf(program: string): string | null {
  if (program === 'apps/standalone') return 'start';
  if (program === 'apps/cluster') return 'cluster';
  if (program.startsWith('services/')) return 'process';
  return program === 'apps/twin' ? null : 'job';
}

/** Every variable of every program and of docker-compose.yml, with the ways to run that read it. */
async function waysInTheCode(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  const note = (name: string, way: string | null): void => {
    const ways = found.get(name) ?? new Set();
    found.set(name, way === null ? ways : ways.add(way));
  };
  for (const name of readComposeFile().variables) note(name, 'compose');
  for (const program of programs())
    for (const reader of (await readersOf(program)).values())
      for (const name of variablesOf(reader)) note(name, wayOf(program));
  return found;
}

test('.env.example lists every variable that is read, with its readers, and no other', async () => {
  expect(programs().length).toBeGreaterThanOrEqual(9);
  const inOrder = (ways: Iterable<string>) => [...ways].toSorted().join(' ');
  const expected = [...(await waysInTheCode())].map(([name, ways]) => `${name} [${inOrder(ways)}]`);
  const listed = Object.entries(readersInEnvFile(text)).map(([name, ways]) => `${name} [${inOrder(ways)}]`);
  expect(listed.toSorted()).toEqual(expected.toSorted());
});

test('it names each variable once: a second line would silently override the first', () => {
  const names = text.split('\n').flatMap((line) => /^([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? []);
  expect(names).toEqual([...new Set(names)]);
});

test.each(['apps/standalone', 'apps/cluster'])(
  'unchanged, it starts %s with the defaults of the code',
  async (program) => {
    const [reader] = (await readersOf(program)).values();
    // `start` has its own default, because it is used by a person.
    const { LOG_LEVEL: _, ...others } = example;
    const config = (env: NodeJS.ProcessEnv): object => Object(reader?.(env));
    const ofEnvironment = { environment: null, unknownVariables: null };
    expect({ ...config(others), ...ofEnvironment }).toEqual({ ...config({}), ...ofEnvironment });
    const ways = readersInEnvFile(text);
    const unknown: unknown = Reflect.get(config(others), 'unknownVariables');
    for (const name of unknown as string[])
      expect([name, ways[name]]).toContainEqual(expect.arrayContaining(['compose']));
  },
);
