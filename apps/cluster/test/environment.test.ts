import { expect, test } from '@jest/globals';
import { environmentOf } from '../src/environment.ts';

const given = {
  CORS_ORIGINS: 'https://desk.example.com',
  CRM_DATABASE_URL: 'postgres://crm/x',
  DATABASE_URL_FILE: '/admin-url',
  GATEWAY_PORT: '4000',
  LOG_LEVEL_FILE: '/level',
  PATH: '/bin',
  SYNC_EVERY_SECONDS: '7',
  TWIN_SEED: 'x',
};

test('a process gets the variables it reads, the decided variables, and all variables that are not ours', () => {
  const decided = { DATABASE_URL: 'postgres://here/x', HTTP_PORT: '7000' };
  const common = { LOG_LEVEL_FILE: '/level', PATH: '/bin' };
  expect(environmentOf('crm', given, decided)).toEqual({ ...common, ...decided });
  expect(environmentOf('ingest', given, decided)).toEqual({ ...common, ...decided, SYNC_EVERY_SECONDS: '7' });
  expect(environmentOf('demo', given, {})).toEqual({ ...common, TWIN_SEED: 'x' });
});

test('a decided variable wins over a given one', () => {
  const decided = { DATABASE_URL: undefined, GATEWAY_PORT: '5000' };
  expect(environmentOf('gateway', given, decided)).toEqual({
    ...decided,
    CORS_ORIGINS: 'https://desk.example.com',
    LOG_LEVEL_FILE: '/level',
    PATH: '/bin',
  });
});
