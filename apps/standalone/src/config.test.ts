import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStandaloneConfig } from './config.ts';
import { openFoundation } from './foundation.ts';

describe('one message names everything that is wrong', () => {
  test('every wrong variable', () => {
    const env = { GATEWAY_PORT: 'seven', DATABASE_URL: 'mysql://x', LOG_LEVEL: 'loud' };
    const read = () => readStandaloneConfig([], env);
    for (const name of Object.keys(env)) expect(read).toThrow(name);
  });

  test('an option that does not exist', () => {
    expect(() => readStandaloneConfig(['--demo'], {})).toThrow('unknown option');
  });

  test('an incomplete OpenID provider', () => {
    expect(() => readStandaloneConfig([], { OIDC_ISSUER: 'https://id.example' })).toThrow('go together');
  });
});

test('the gateway and ingest take the same variables here as in separate processes', () => {
  const config = readStandaloneConfig([], {
    CORS_ORIGINS: 'https://desk.example.com',
    GATEWAY_COST_MAX: '500',
    GATEWAY_EXPLORER: 'false',
    TRUSTED_PROXIES: '10.0.0.0/8',
    SYNC_EVERY_SECONDS: '7',
  });
  expect(config.gateway).toMatchObject({
    corsOrigins: ['https://desk.example.com'],
    explorer: false,
    introspection: true,
    limits: { costMax: 500, costPerMinuteMax: 200_000 },
    trustedProxies: ['10.0.0.0/8'],
  });
  expect(config.ingest).toMatchObject({ syncEveryMs: 7_000, platformTimeoutMs: 15_000 });
});

test('private addresses are allowed in the demo unless a variable forbids them', () => {
  const allowed = (args: string[], env: NodeJS.ProcessEnv) =>
    readStandaloneConfig(args, env).ingest.allowPrivateAddresses;
  expect([allowed([], {}), allowed(['--empty'], {})]).toEqual([true, false]);
  expect(allowed([], { ALLOW_PRIVATE_ADDRESSES: 'false' })).toBe(false);
});

test('variables of the cluster are refused by name, unless they have the default value', () => {
  const read = (env: NodeJS.ProcessEnv) => () => readStandaloneConfig([], env);
  expect(read({ KAFKA_BROKERS: 'a:9092', CRM_DATABASE_URL: 'postgres://x/y' })).toThrow(
    /^KAFKA_BROKERS, CRM_DATABASE_URL: start runs on one Postgres, .* use start:cluster with these variables$/,
  );
  expect(read({ KAFKA_SASL_PASSWORD_FILE: '/password' })).toThrow('KAFKA_SASL_PASSWORD_FILE');
  expect(read({ KAFKA_BROKERS: '', KAFKA_SSL: 'false' })).not.toThrow();
});

test('unknown variables that look like ours are named', () => {
  const env = { GATEWAY_COST: '7', CORS_ORIGIN: 'https://x.example', HTTP_PROXY: 'http://proxy:3128', EDITOR: 'vi' };
  expect(readStandaloneConfig([], env).unknownVariables).toEqual(['GATEWAY_COST', 'CORS_ORIGIN']);
  expect(readStandaloneConfig([], { CROSSDESK_SECRET_FILE: '', OIDC_ROLE_CLAIM: 'x' }).unknownVariables).toEqual([]);
});

test('a data folder that is a file, or below one, is refused in words', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossdesk-data-'));
  const file = join(folder, 'hostname');
  writeFileSync(file, '');
  for (const directory of [file, join(file, 'data')])
    await expect(openFoundation(readStandaloneConfig([], { DATA_DIRECTORY: directory }))).rejects.toThrow(
      `DATA_DIRECTORY: ${directory} is not a folder: it or a part of its path is a file`,
    );
  rmSync(folder, { recursive: true });
});
