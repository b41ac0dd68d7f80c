import { describe, expect, test } from '@jest/globals';
import { serviceNames } from '@crossdesk/contracts';
import { keyHolders, keysOf, writeKeysOf } from '@crossdesk/service-kit';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';
import { type ComposeService, readComposeFile } from './compose-file.ts';
import { readEnvFile, readersOf, variablesOf } from './variables.ts';

const file = readComposeFile();
const services = Object.entries(file.services);
const ours = services.filter(([, { image }]) => image.startsWith('crossdesk:'));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

function programOf({ command = [] }: ComposeService): string {
  return (command[0] ?? '').split('/').slice(0, 2).join('/');
}

/** The keys in the file that a container names, as the setup job writes them. */
function keysFor({ environment = {} }: ComposeService): object {
  const [, holder = ''] = /^\/secrets\/keys\/([a-z]+)\//.exec(String(environment['CROSSDESK_KEYS_FILE'])) ?? [];
  return { CROSSDESK_KEYS: writeKeysOf(holder, keysOf(Buffer.alloc(32))) };
}

test('every service of the repository runs, each from its own program', () => {
  const running = ours.map(([name, service]) => [name, service.command?.[0]]);
  const expected = readdirSync(join(root, 'services')).map((name) => [name, `services/${name}/src/main.ts`]);
  expect(running).toEqual(expect.arrayContaining(expected));
  for (const [, command] of running) expect(existsSync(join(root, command ?? '-'))).toBe(true);
});

describe('the environment', () => {
  const secrets = {
    CROSSDESK_SECRET: Buffer.alloc(32).toString('base64'),
    CROSSDESK_SECRET_PREVIOUS: '',
    DATABASE_URL: 'postgres://postgres:secret@postgres:5432/crossdesk',
  };

  test.each(ours)('of %s has all variables its program needs, and no unknown ones', async (_, service) => {
    const [, step = ''] = service.command ?? [];
    const readers = [...(await readersOf(programOf(service)))];
    const [, reader] = readers.find(([name]) => name.toLowerCase().includes(step)) ?? [];
    if (reader === undefined) throw new Error(`nothing reads the environment of ${programOf(service)}`);
    const environment = Object.fromEntries(
      Object.entries(service.environment ?? {}).map(([name, value]) => {
        const held = name.replace(/_FILE$/, '');
        return held === name
          ? [name, String(value ?? '')]
          : [held, Reflect.get({ ...secrets, ...keysFor(service) }, held)];
      }),
    );
    // `integrator add` runs in the container of `topics`.
    const [, alsoReads = reader] = step === 'topics' ? (readers.find(([name]) => /integrator/i.test(name)) ?? []) : [];
    const read = [...variablesOf(reader), ...variablesOf(alsoReads)];
    expect(read).toEqual(expect.arrayContaining(Object.keys(environment)));
    expect(() => reader(environment)).not.toThrow();
  });

  test.each(ours.filter(([name]) => !['secrets', 'migrate', 'topics'].includes(name)))(
    'of %s passes on every variable that its program reads, except those fixed for containers',
    async (_, service) => {
      const decided = /^KAFKA_(TOPIC_PREFIX|SSL|SASL_.*)$/;
      const [reader] = (await readersOf(programOf(service))).values();
      const given = Object.keys(service.environment ?? {}).map((name) => name.replace(/_FILE$/, ''));
      const missing = variablesOf(reader ?? (() => null)).filter(
        (name) => !given.includes(name) && !decided.test(name),
      );
      // The gateway has no database.
      expect(missing).toEqual(service === file.services['gateway'] ? ['DATABASE_URL'] : []);
    },
  );

  test('holds no secret, only names of secret files', () => {
    for (const [, { environment = {} }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/(SECRET|SECRET_PREVIOUS|KEYS)(_FILE)?$|PASSWORD/.test(name))
          expect([name, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/secrets\//)]);
        expect(String(value)).not.toMatch(/:\/\/[^/@]*:[^/@]+@/);
      }
    }
  });

  test('reads no outside variable that .env.example does not explain', () => {
    expect(Object.keys(readEnvFile(read('.env.example')))).toEqual(expect.arrayContaining([...file.variables]));
  });
});

test.each(services)('%s has no more rights than it needs, and limits', (_, service) => {
  expect(service).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    mem_limit: expect.stringMatching(/^\d+[mg]$/),
    cpus: expect.any(Number),
    pids_limit: expect.any(Number),
    logging: { options: { 'max-size': expect.any(String), 'max-file': expect.any(String) } },
  });
  for (const key of ['privileged', 'cap_add', 'pid', 'devices', 'ipc']) expect(service).not.toHaveProperty(key);
  expect(['none', undefined]).toContain(service.network_mode);
  // Our own image names its user itself.
  if (!service.image.startsWith('crossdesk:')) expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
  for (const volume of service.volumes ?? []) {
    const [source = '', , mode] = volume.split(':');
    if (source.startsWith('.')) expect([volume, mode]).toEqual([expect.stringMatching(/^\.\/infra\//), 'ro']);
    else expect(file.volumes).toHaveProperty([source]);
  }
});

test('only gateway, ingest and the listener for integrators can be reached, and only from this machine unless configured otherwise', () => {
  const published = services.flatMap(([name, { ports = [], profiles = [] }]) =>
    ports.map((port) => [name, port, ...profiles]),
  );
  expect(published).toEqual([
    ['kafka', '127.0.0.1:9094:9094'],
    ['ingest', '127.0.0.1:4001:4001'],
    ['gateway', '127.0.0.1:4000:4000'],
    ['grafana', '127.0.0.1:3000:3000', 'observe'],
  ]);
  for (const [name, { networks = [] }] of services)
    if (networks.includes('outside')) expect(['kafka', 'ingest', 'automation', 'gateway', 'grafana']).toContain(name);
});

test('a client of Kafka from outside needs a user, and has only the rights of that user', () => {
  const environment = file.services['kafka']?.environment ?? {};
  expect(environment).toMatchObject({
    KAFKA_AUTHORIZER_CLASS_NAME: 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: expect.stringContaining('INTEGRATORS:SASL_PLAINTEXT'),
    KAFKA_LISTENER_NAME_INTEGRATORS_SASL_ENABLED_MECHANISMS: 'SCRAM-SHA-512',
  });
  expect(environment).not.toHaveProperty('KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND');
  const listeners = String(environment['KAFKA_LISTENERS']).split(',');
  expect(listeners.filter((listener) => listener.endsWith(':9094'))).toEqual(['INTEGRATORS://:9094']);
});

test('no service can read the password of the administrator', () => {
  const holders = services.filter(([, { volumes = [] }]) =>
    volumes.some((volume) => volume.startsWith('postgres-secrets:')),
  );
  expect(holders.map(([name]) => name)).toEqual(['secrets', 'postgres', 'migrate']);
  for (const [name, { environment = {} }] of ours)
    if (!['secrets', 'migrate'].includes(name) && environment['DATABASE_URL'] !== undefined)
      expect(environment['DATABASE_URL']).toBe('postgres://postgres:5432/crossdesk');
});

test('every process can read its own keys only, and no service the master secret', () => {
  const readableBy = ({ volumes = [] }: ComposeService) =>
    volumes.filter((volume) => /^(master-secret|[a-z]+-keys):/.test(volume));
  for (const name of keyHolders) {
    const service = file.services[name];
    expect(readableBy(service ?? { image: '' })).toEqual([`${name}-keys:/secrets/keys/${name}:ro`]);
    expect(service?.environment).toMatchObject({ CROSSDESK_KEYS_FILE: `/secrets/keys/${name}/crossdesk-keys` });
  }
  const others = services.filter(([name, service]) => !keyHolders.includes(name) && readableBy(service).length > 0);
  expect(others.map(([name]) => name)).toEqual(['secrets', 'migrate']);
  const folders = keyHolders.map((name) => `${name}-keys:/secrets/keys/${name}`);
  expect(file.services['secrets']?.volumes).toEqual(
    expect.arrayContaining(['master-secret:/secrets/master', ...folders]),
  );
  // A volume belongs to the user of the containers only if the image has its folder.
  const [, made = ''] = /secrets\/keys\/%s ' ([a-z ]+)\)/.exec(read('infra/docker/Dockerfile')) ?? [];
  expect(made.split(' ').toSorted()).toEqual(keyHolders.toSorted());
});

test('nothing starts before what it needs', () => {
  const completed = { condition: 'service_completed_successfully' };
  const healthy = { condition: 'service_healthy' };
  const after = (name: string) => file.services[name]?.depends_on ?? {};
  expect(after('postgres')).toEqual({ secrets: completed });
  expect(after('migrate')).toEqual({ postgres: healthy });
  expect(after('topics')).toEqual({ kafka: healthy });
  for (const name of serviceNames) expect(after(name)).toEqual({ migrate: completed, topics: completed });
  expect(after('gateway')).toEqual(Object.fromEntries(serviceNames.map((name) => [name, healthy])));
  expect(after('demo')).toEqual({ gateway: healthy });
});

test('images are pinned to exact versions, ours to that of the repository', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  for (const [, { image }] of services) expect(image).toMatch(/^[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  const kafka = /<kafka\.version>([^<]+)</.exec(read('infra/kafka/pom.xml'))?.[1];
  expect(file.services['kafka']?.image).toBe(`apache/kafka:${kafka}`);
  expect(new Set(ours.map(([, { image }]) => image))).toEqual(new Set([`crossdesk:${version}`]));
  expect(ours.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(['secrets']);
});
