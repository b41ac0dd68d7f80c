import { describe, expect, test } from '@jest/globals';
import { readStandaloneConfig } from './config.ts';

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
