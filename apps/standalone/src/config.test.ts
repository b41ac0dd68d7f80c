import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readStandaloneConfig, standaloneVariables } from './config.ts';

test('.env.example lists every variable, and none that is not read', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../.env.example'), 'utf8');
  const listed = text.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
  expect(listed.sort()).toEqual([...standaloneVariables].sort());
});

test('.env.example is a configuration that works', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../.env.example'), 'utf8');
  const env = Object.fromEntries(
    text
      .split('\n')
      .flatMap((line) => [/^([A-Z_]+)=(.*)$/.exec(line)?.slice(1, 3) ?? []].filter((pair) => pair.length === 2)),
  );
  expect(readStandaloneConfig([], env).ports).toEqual({ gateway: 4000, ingest: 4001, twin: 4002 });
});

describe('what is wrong is said in one message', () => {
  test('every variable at once', () => {
    const env = { GATEWAY_PORT: 'seven', DATABASE_URL: 'mysql://x', LOG_LEVEL: 'loud' };
    expect(() => readStandaloneConfig([], env)).toThrow(/DATABASE_URL.*GATEWAY_PORT.*LOG_LEVEL/);
  });

  test('an option that does not exist', () => {
    expect(() => readStandaloneConfig(['--demo'], {})).toThrow('unknown option');
  });

  test('an OpenID provider by halves', () => {
    expect(() => readStandaloneConfig([], { OIDC_ISSUER: 'https://id.example' })).toThrow('belong together');
  });
});
