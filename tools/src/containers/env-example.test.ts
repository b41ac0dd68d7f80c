import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { readComposeFile } from './compose-file.ts';
import { programs, readEnvFile, readersOf, variablesOf } from './variables.ts';

const example = readEnvFile(readFileSync(join(root, '.env.example'), 'utf8'));

test('.env.example lists every variable of every program and of docker-compose.yml, and none that nobody reads', async () => {
  const names = new Set(readComposeFile().variables);
  expect(programs().length).toBeGreaterThanOrEqual(9);
  for (const program of programs())
    for (const reader of (await readersOf(program)).values()) variablesOf(reader).forEach((name) => names.add(name));
  expect(Object.keys(example).sort()).toEqual([...names].sort());
});

test('as it is, it starts the standalone', async () => {
  const [reader] = (await readersOf('apps/standalone')).values();
  expect(reader?.(example)).toMatchObject({ ports: { gateway: 4000, ingest: 4001, twin: 4002 }, databaseUrl: null });
});
