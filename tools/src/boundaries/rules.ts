import { serviceNames } from '@crossdesk/contracts';
import type { Import, SourceFile } from './source-file.ts';

interface Rule {
  /** The rule as a sentence; shown with every violation. */
  readonly sentence: string;
  /** Describes each violation in a file; empty for a file that keeps the rule. */
  violations(file: SourceFile): readonly string[];
}

/** Every name of a workspace package, by its folder. */
const packageFolders = new Map([
  ...[
    'contracts',
    'channels',
    'business-time',
    'message-template',
    'outgoing-lint',
    'condition',
    'folded-text',
    'service-kit',
    'local-machine',
    'local-postgres',
    'local-kafka',
  ].map((name) => [name, `packages/${name}`] as const),
  ['testkit', 'packages/testkit'] as const,
  ...[...serviceNames, 'gateway'].map((n) => [n, `services/${n}`] as const),
  ...['standalone', 'cluster', 'twin', 'demo', 'setup'].map((name) => [name, `apps/${name}`] as const),
  ['backup', 'infra/backup'] as const,
  ['bench', 'bench'] as const,
  ['reliability', 'reliability'] as const,
  ['tools', 'tools'] as const,
]);

function folderOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return ['packages', 'services', 'apps', 'examples', 'infra'].includes(first) ? `${first}/${second}` : first;
}

/** The folder of this repository an import leads to; null for npm packages and Node's own modules. */
function targetOf(found: Import): string | null {
  if (found.path !== null) return folderOf(found.path);
  const name = /^@crossdesk\/([^/]+)/.exec(found.specifier)?.[1];
  return name === undefined ? null : (packageFolders.get(name) ?? `unknown package ${name}`);
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.split('/').includes('test');
}

function hasRole(path: string, role: string): boolean {
  return path.endsWith(`.${role}.ts`);
}

/**
 * A rule about which folders of this repository the files of some folders may import; a folder may always import
 * itself.
 */
function mayImport(
  sentence: string,
  applies: (path: string) => boolean,
  allowed: (target: string, file: SourceFile) => boolean,
): Rule {
  return {
    sentence,
    violations: (file) =>
      applies(file.path)
        ? file.imports
            .filter((found) => {
              const target = targetOf(found);
              return target !== null && target !== folderOf(file.path) && !allowed(target, file);
            })
            .map((found) => `imports ${found.specifier}`)
        : [],
  };
}

/** A rule that only some files may import an npm package. */
function onlyIn(packageName: string, sentence: string, isAllowed: (path: string) => boolean): Rule {
  return {
    sentence,
    violations: (file) =>
      isAllowed(file.path)
        ? []
        : file.imports
            .filter(({ specifier }) => specifier === packageName || specifier.startsWith(`${packageName}/`))
            .map(({ specifier }) => `imports ${specifier}`),
  };
}

/** Libraries that only compute. */
const pureLibraries = [
  'libphonenumber-js/max',
  'node:url',
  'rrule-temporal',
  'temporal-polyfill',
  '@crossdesk/condition',
  '@crossdesk/folded-text',
  '@crossdesk/business-time',
  '@crossdesk/message-template',
  '@crossdesk/outgoing-lint',
  '@crossdesk/outgoing-lint/text',
  '@sinclair/typebox',
  '@sinclair/typebox/value',
  'eventsource-parser',
  'fastest-levenshtein',
  'saxes',
];

function isPure(found: Import): boolean {
  if (pureLibraries.includes(found.specifier)) return true;
  // The records of the channels are data; adapter types are only types.
  if (found.specifier === '@crossdesk/channels' || targetOf(found) === 'packages/contracts') return true;
  if (found.specifier === '@crossdesk/channels/adapters') return found.isTypeOnly;
  if (found.specifier === '@crossdesk/service-kit/decision') return true;
  const path = found.path ?? '';
  return hasRole(path, 'domain') || (hasRole(path, 'port') && found.isTypeOnly);
}

/**
 * Commands, resolvers, loaders, consumers, jobs and other stores. The file of a command is named `noun.commands.ts`,
 * or, if it has one command, by the verb (`record-orders.ts`): a name without a role.
 */
function mayUseStores(path: string): boolean {
  const name = path.split('/').at(-1) ?? '';
  if (name === 'main.ts' || name === 'config.ts') return false;
  return /^[^.]+(\.(commands|resolvers|loaders|consumer|jobs|store))?\.ts$/.test(name);
}

const portFolders = ['port', 'shared', 'conformance'];

/** The channel whose folder a file is in; null for shared files. */
function channelOf(path: string): string | null {
  const folder = /^packages\/channels\/src\/([^/]+)\//.exec(path)?.[1] ?? null;
  return folder === null || portFolders.includes(folder) ? null : folder;
}

const kafkaFile = /^packages\/service-kit\/src\/broker\/kafkajs\.ts$|^examples\/typescript\/follow\.ts$/;

const readsEnvironment =
  /(^|\/)config\.ts$|^(tools|bench|reliability|packages\/(testkit|local-postgres|local-kafka))\/|\/service-kit\/src\/runtime\/crash-point\.ts$/;

const isTestkit = (target: string) => target === 'packages/testkit';
const isTwinOf = (target: string, path: string) => target === 'apps/twin' && path.startsWith('services/ingest/test/');
const isContracts = (target: string) => target === 'packages/contracts';
const isChannels = (target: string) => target === 'packages/channels';
const isTime = (target: string) => target === 'packages/business-time';
const isTemplates = (target: string) => target === 'packages/message-template';
const isFolding = (target: string) => target === 'packages/folded-text';
const isCondition = (target: string) => target === 'packages/condition';
const isLint = (target: string) => target === 'packages/outgoing-lint';
const isKit = (target: string) => target === 'packages/service-kit';

const rules: readonly Rule[] = [
  mayImport(
    'contracts imports no other package of the repository',
    (path) => path.startsWith('packages/contracts/'),
    () => false,
  ),
  mayImport(
    'channels and message-template import contracts only',
    (path) => /^packages\/(channels|message-template)\//.test(path),
    (target) => isContracts(target),
  ),
  mayImport(
    'outgoing-lint, folded-text, condition and business-time import no other package of the repository',
    (path) => /^packages\/(outgoing-lint|folded-text|condition|business-time)\//.test(path),
    () => false,
  ),
  {
    sentence: 'a channel imports the port and the shared folder, never another channel',
    violations: ({ path, imports }) => {
      const own = channelOf(path);
      if (own === null) return [];
      return imports
        .filter((found) => found.path !== null && ![own, null].includes(channelOf(found.path)))
        .map((found) => `imports ${found.specifier}`);
    },
  },
  {
    sentence: 'adapters are imported by ingest and by the generator only: all others may import the records',
    violations: ({ path, imports }) =>
      /^(services\/ingest|tools)\//.test(path)
        ? []
        : imports
            .filter(({ specifier }) => specifier === '@crossdesk/channels/adapters')
            .map(({ specifier }) => `imports ${specifier}`),
  },
  mayImport(
    'local-postgres and local-kafka import local-machine only, which imports only testkit, in its tests',
    (path) => /^packages\/local-(machine|postgres|kafka)\//.test(path),
    (target, { path }) =>
      (target === 'packages/local-machine' && !path.startsWith('packages/local-machine/')) ||
      (isTest(path) && isTestkit(target)),
  ),
  mayImport(
    'service-kit imports contracts only, and testkit in its tests',
    (path) => path.startsWith('packages/service-kit/'),
    (target, { path }) => isContracts(target) || (isTest(path) && isTestkit(target)),
  ),
  mayImport(
    'a service imports contracts, channels, message-template, outgoing-lint, folded-text, condition, business-time and service-kit, testkit and (ingest) the twin in its tests, and never another service or an app',
    (path) => path.startsWith('services/'),
    (target, { path }) =>
      isContracts(target) ||
      isChannels(target) ||
      isTime(target) ||
      isTemplates(target) ||
      isLint(target) ||
      isFolding(target) ||
      isCondition(target) ||
      isKit(target) ||
      (isTest(path) && (isTestkit(target) || isTwinOf(target, path))),
  ),
  mayImport(
    'the twin imports no package of the repository: it represents the platforms',
    (path) => path.startsWith('apps/twin/'),
    () => false,
  ),
  {
    sentence: 'only tests, the bench and the tools import testkit',
    violations: (file) =>
      isTest(file.path) || /^(packages\/testkit|bench|tools)\//.test(file.path)
        ? []
        : file.imports.filter((found) => targetOf(found) === 'packages/testkit').map((f) => `imports ${f.specifier}`),
  },
  {
    sentence:
      'a *.domain.ts file is pure: it imports domain files, contracts, the decision module of the kit the types of ports and libraries that only compute, nothing else',
    violations: (file) =>
      hasRole(file.path, 'domain')
        ? file.imports.filter((found) => !isPure(found)).map((found) => `imports ${found.specifier}`)
        : [],
  },
  {
    sentence: 'a *.store.ts file is imported by commands, resolvers, consumers, the app, stores and tests only',
    violations: (file) =>
      isTest(file.path) || mayUseStores(file.path)
        ? []
        : file.imports
            .filter((found) => !found.isTypeOnly && hasRole(found.path ?? '', 'store'))
            .map((found) => `imports ${found.specifier}`),
  },
  mayImport(
    'an example imports no package of the repository: integrators have only the schemas and the environment',
    (path) => path.startsWith('examples/'),
    () => false,
  ),
  onlyIn('kafkajs', 'kafkajs is imported in one file, and in the example', (path) => kafkaFile.test(path)),
  ...['testcontainers', '@testcontainers'].map((name) =>
    onlyIn(
      name,
      'testcontainers is imported by one file of testkit only, which starts the servers of tests',
      (path) => path === 'packages/testkit/src/containers.ts',
    ),
  ),
  onlyIn(
    'graphql-ws',
    'graphql-ws is imported by the gateway, testkit, bench, reliability and tests only',
    (path) => /^(services\/gateway|packages\/testkit|bench|reliability)\//.test(path) || isTest(path),
  ),
  {
    sentence: 'a room imports no file that combines rooms: app, main, index and resolvers are above it',
    violations: ({ path, imports }) =>
      /^services\/[^/]+\/src\/[^/]+\//.test(path) && !isTest(path)
        ? imports
            .filter((found) => /^services\/[^/]+\/src\/(app|main|index|resolvers)\.ts$/.test(found.path ?? ''))
            .map(({ specifier }) => `imports ${specifier}`)
        : [],
  },
  {
    // The local servers pass the environment to the processes they start; a crash point is armed in any process.
    sentence:
      'process.env is read in config.ts, crash-point.ts, tools, bench, reliability, examples, testkit, the local servers and tests only',
    violations: (file) =>
      !file.readsProcessEnv || isTest(file.path) || readsEnvironment.test(file.path) ? [] : ['reads process.env'],
  },
];

/** Every broken rule, one line each. */
export function violationsIn(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    rules.flatMap((rule) => rule.violations(file).map((what) => `${file.path} ${what} - ${rule.sentence}`)),
  );
}
