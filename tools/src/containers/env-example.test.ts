import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { readComposeFile } from './compose-file.ts';
import { programs, readEnvFile, readersOf, variablesOf } from './variables.ts';

const text = readFileSync(join(root, '.env.example'), 'utf8');
const example = readEnvFile(text);

test('.env.example lists every variable of every program and of docker-compose.yml, and none that nobody reads', async () => {
  const names = new Set(readComposeFile().variables);
  expect(programs().length).toBeGreaterThanOrEqual(9);
  for (const program of programs())
    for (const reader of (await readersOf(program)).values()) variablesOf(reader).forEach((name) => names.add(name));
  expect(Object.keys(example).sort()).toEqual([...names].sort());
});

test('it names each variable once: a second line would silently undo the first', () => {
  const names = text.split('\n').flatMap((line) => /^([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? []);
  expect(names).toEqual([...new Set(names)]);
});

test('as it is, it starts the standalone', async () => {
  const [reader] = (await readersOf('apps/standalone')).values();
  expect(reader?.(example)).toMatchObject({ ports: { gateway: 4000, ingest: 4001, twin: 4002 }, databaseUrl: null });
});
