import { afterAll, expect, test } from '@jest/globals';
import { Type } from '@sinclair/typebox';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerVariables, kafkaIn } from '../src/broker/broker-config.ts';
import { checkAddresses } from '../src/http/listen.ts';
import { ConfigError, readEnvironment } from '../src/runtime/config.ts';
import { deriveKey, parseMasterSecret } from '../src/runtime/keys.ts';

const schema = Type.Object({
  DATABASE_URL: Type.String({ pattern: '^postgres://', description: 'postgres://user:password@host/database' }),
  PORT: Type.Integer({ minimum: 1, maximum: 65_535 }),
  CROSSDESK_SECRET: Type.String({ minLength: 44 }),
  LOG_LEVEL: Type.Union([Type.Literal('info'), Type.Literal('debug')], { default: 'info' }),
  IS_PUBLIC: Type.Boolean({ default: false }),
});

const good = { DATABASE_URL: 'postgres://localhost/x', PORT: '8080', CROSSDESK_SECRET: 's'.repeat(44) };

const directory = mkdtempSync(join(tmpdir(), 'crossdesk-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

function problemOf(env: NodeJS.ProcessEnv): string {
  try {
    readEnvironment(schema, env);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
}

test('text becomes numbers and booleans, defaults are filled in, other variables are left out', () => {
  expect(readEnvironment(schema, { ...good, IS_PUBLIC: 'true', HOME: '/root' })).toEqual({
    ...good,
    PORT: 8080,
    LOG_LEVEL: 'info',
    IS_PUBLIC: true,
  });
});

test.each(['8080.7', '1e-3', 'seven', '0x'])('the integer %s is refused and never rounded', (text) => {
  expect(problemOf({ ...good, PORT: text })).toMatch(/^wrong configuration: PORT: /);
});

test('empty text counts as unset', () => {
  expect(readEnvironment(schema, { ...good, LOG_LEVEL: '' }).LOG_LEVEL).toBe('info');
  expect(problemOf({ ...good, DATABASE_URL: '' })).toContain(
    'DATABASE_URL is not set (postgres://user:password@host/database)',
  );
});

test('a secret may be in a file instead, with a line break at its end', () => {
  const { CROSSDESK_SECRET, ...others } = good;
  const file = join(directory, 'secret');
  writeFileSync(file, `${CROSSDESK_SECRET}\n`);
  expect(readEnvironment(schema, { ...others, CROSSDESK_SECRET_FILE: file })).toEqual(readEnvironment(schema, good));
  expect(problemOf({ ...good, CROSSDESK_SECRET_FILE: file })).toContain('both set');
});

test('a file that cannot be read is named with every other problem', () => {
  const { CROSSDESK_SECRET: _, ...others } = good;
  const problem = problemOf({ ...others, PORT: '0', CROSSDESK_SECRET_FILE: join(directory, 'nothing') });
  expect(problem).toMatch(/CROSSDESK_SECRET_FILE cannot be read \(ENOENT\); PORT/);
});

test('every problem is in one message of one line, without any value', () => {
  const env = {
    DATABASE_URL: 'mysql://root:hunter2@db',
    PORT: '99999',
    CROSSDESK_SECRET: 'too-short-secret',
    LOG_LEVEL: 'shout',
    IS_PUBLIC: 'perhaps',
  };
  const problem = problemOf(env);
  for (const [name, value] of Object.entries(env)) {
    expect(problem).toContain(name);
    expect(problem).not.toContain(value);
  }
  expect(problem).not.toContain('hunter2');
  expect(problem).not.toContain('\n');
});

test('missing variables are all named', () => {
  expect(problemOf({})).toMatch(/DATABASE_URL is not set.*; PORT is not set; CROSSDESK_SECRET is not set/);
});

test('a master secret needs 32 bytes', () => {
  expect(parseMasterSecret(Buffer.alloc(32, 1).toString('base64'))).toHaveLength(32);
  expect(() => parseMasterSecret(Buffer.alloc(31, 1).toString('base64'))).toThrow(/openssl rand -base64 32/);
  expect(() => parseMasterSecret('')).toThrow(/at least 32 bytes/);
});

test('keys for two purposes, and of two masters, have nothing in common', () => {
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  expect(deriveKey(one, 'a')).toEqual(deriveKey(one, 'a'));
  expect(deriveKey(one, 'a')).toHaveLength(32);
  expect(deriveKey(one, 'a')).not.toEqual(deriveKey(one, 'b'));
  expect(deriveKey(one, 'a')).not.toEqual(deriveKey(two, 'a'));
});

test('on Kafka a process has the name of its container, pod or machine', () => {
  const kafkaOf = (env: NodeJS.ProcessEnv) => kafkaIn(readEnvironment(Type.Object(brokerVariables), env));
  expect(kafkaOf({ KAFKA_BROKERS: 'a:9092, b:9092' })).toMatchObject({
    brokers: ['a:9092', 'b:9092'],
    memberName: hostname(),
  });
  expect(kafkaOf({})).toBeNull();
});

test('settings of Kafka without brokers are refused by name, because they would have no effect', () => {
  const kafkaOf = (env: NodeJS.ProcessEnv) => kafkaIn(readEnvironment(Type.Object(brokerVariables), env));
  const sasl = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'desk', KAFKA_SASL_PASSWORD: 'x' };
  expect(() => kafkaOf(sasl)).toThrow(
    /^KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: without KAFKA_BROKERS/,
  );
  for (const env of [{ KAFKA_SSL: 'true' }, { KAFKA_TOPIC_PREFIX: 'shop.' }])
    expect(() => kafkaOf(env)).toThrow(Object.keys(env)[0]);
  expect(kafkaOf({ KAFKA_SSL: 'false', KAFKA_TOPIC_PREFIX: '' })).toBeNull();
});

test('an address that this machine does not have is named once, however many ports want it', async () => {
  const at = (port: number) => ({ host: '192.0.2.1', port, variable: `PORT_${port}` });
  await expect(checkAddresses([at(41_001), at(41_002), at(41_003)])).rejects.toThrow(
    /^HOST: this machine has no address 192\.0\.2\.1$/,
  );
});

test('a pattern is shown as it is', () => {
  const secret = Type.Object({ SECRET: Type.String({ pattern: '^[A-Z]{9}$' }) });
  expect(() => readEnvironment(secret, { SECRET: 'abc' })).toThrow("SECRET: expected string to match '^[A-Z]{9}$'");
});
