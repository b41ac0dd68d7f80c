import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { keysOf, writeKeysOf } from '@crossdesk/service-kit';
import { readGatewayConfig } from './config.ts';

const good = {
  CROSSDESK_KEYS: writeKeysOf('gateway', keysOf(randomBytes(32))),
  DATABASE_URL: 'postgres://localhost/crossdesk',
  INGEST_GRAPHQL_URL: 'http://ingest/graphql',
  CONVERSATION_GRAPHQL_URL: 'http://conversation/graphql',
  CRM_GRAPHQL_URL: 'http://crm/graphql',
  AUTOMATION_GRAPHQL_URL: 'http://automation/graphql',
  ANALYTICS_GRAPHQL_URL: 'http://analytics/graphql',
};

test('lists are split, and without an OpenID provider people sign in here', () => {
  const config = readGatewayConfig({
    ...good,
    CORS_ORIGINS: 'https://a.example, https://b.example',
    GATEWAY_PORT: '4100',
  });
  expect(config.corsOrigins).toEqual(['https://a.example', 'https://b.example']);
  expect(config.trustedProxies).toEqual([]);
  expect([config.port, config.oidc]).toEqual([4100, null]);
});

test('all missing variables are named at once, and no value is shown', () => {
  const read = () => readGatewayConfig({ CROSSDESK_KEYS: 'c2hvcnQ=', GATEWAY_PORT: '99999999' });
  expect(read).toThrow(/INGEST_GRAPHQL_URL is not set.*ANALYTICS_GRAPHQL_URL is not set/s);
  expect(read).not.toThrow(/c2hvcnQ/);
});

test.each([
  ['TRUSTED_PROXIES', 'foo'],
  ['TRUSTED_PROXIES', '10.0.0.0/8,10.0.0.0/64'],
  ['CORS_ORIGINS', 'bar'],
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'https://desk.example.com/app'],
  ['CROSSDESK_KEYS', 'a long secret that is not base64, but a sentence of some length'],
  ['CRM_GRAPHQL_URL', 'http://'],
  ['OIDC_JWKS_URL', 'https://[id'],
  ['DATABASE_URL', 'postgres://a b:5432:1'],
])('%s=%s is refused by name when the configuration is read', (name, value) => {
  expect(() => readGatewayConfig({ ...good, [name]: value })).toThrow(name);
});

test('sites are compared as browsers spell them, and the schema is hidden unless configured', () => {
  const config = readGatewayConfig({ ...good, CORS_ORIGINS: 'https://Desk.Example.com/, http://localhost:5173' });
  expect(config.corsOrigins).toEqual(['https://desk.example.com', 'http://localhost:5173']);
  expect([config.explorer, config.introspection]).toEqual([false, false]);
});

test('an OpenID provider with only some of its variables is refused', () => {
  expect(() => readGatewayConfig({ ...good, OIDC_ISSUER: 'https://id.example.com' })).toThrow('go together');
});

test('live events come from Kafka or from the Postgres of the embedded log: one of the two is required', () => {
  const { DATABASE_URL: _, ...rest } = good;
  expect(() => readGatewayConfig(rest)).toThrow(/KAFKA_BROKERS, or DATABASE_URL/);
  expect(readGatewayConfig(good).kafka).toBeNull();
  const onKafka = readGatewayConfig({ ...rest, KAFKA_BROKERS: 'a:9092, b:9092', KAFKA_TOPIC_PREFIX: 'staging.' });
  expect(onKafka.kafka).toMatchObject({ brokers: ['a:9092', 'b:9092'], prefix: 'staging.', ssl: false, sasl: null });
});

test('a cluster with only some of its variables is refused', () => {
  expect(() => readGatewayConfig({ ...good, KAFKA_BROKERS: 'kafka' })).toThrow(/KAFKA_BROKERS: not host:port: kafka/);
  const user = { KAFKA_BROKERS: 'a:9092', KAFKA_SASL_USERNAME: 'desk' };
  expect(() => readGatewayConfig({ ...good, ...user })).toThrow(/set all three or none/);
});

test('the gateway takes its own keys: not the master secret, and not those of a service as well', () => {
  const master = randomBytes(32);
  const secret = master.toString('base64');
  const read = (env: NodeJS.ProcessEnv) => () => readGatewayConfig({ ...good, ...env });
  expect(read({ CROSSDESK_KEYS: secret })).toThrow('the setup command `keys NAME` prints; not the master secret');
  for (const name of ['CROSSDESK_SECRET', 'CROSSDESK_SECRET_PREVIOUS', 'CROSSDESK_SECRET_FILE'])
    expect(read({ [name]: secret })).toThrow(`${name} must not be given to gateway`);
  const ofIngest = writeKeysOf('ingest', keysOf(master));
  expect(read({ CROSSDESK_KEYS: `${good.CROSSDESK_KEYS}\n${ofIngest}` })).toThrow(
    'ingest, which gateway must not know',
  );
  expect(read({ CROSSDESK_KEYS: ofIngest })).toThrow(/lacks gateway, .*conversation\/request-context/);
  const { keys } = readGatewayConfig(good);
  for (const name of ['ingest/sealed', 'conversation/sealed', 'crm/postgres/app', 'broker/postgres/worker'])
    expect(() => keys.of(name)).toThrow(`CROSSDESK_KEYS has no key for ${name}`);
});
