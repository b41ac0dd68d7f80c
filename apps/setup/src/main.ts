import { type AuditBreak, ConfigError, writeKeysOf } from '@crossdesk/service-kit';
import { problemOf, verifyAudit } from './audit-verify.ts';
import {
  readIntegratorConfig,
  readKeysConfig,
  readLetterId,
  readMigrateConfig,
  readSecretsConfig,
  readTopicsConfig,
} from './config.ts';
import { discardUnowned, listUnowned } from './dead-letters.ts';
import { changeIntegrator } from './integrator.ts';
import { kubernetesSecrets } from './keys.ts';
import { migrateAll } from './migrate-all.ts';
import { reseal } from './reseal.ts';
import { rebuild } from './rebuild.ts';
import { changeMaster, forgetPrevious, makeSecrets } from './secrets.ts';
import { applyTopics } from './topics.ts';

/** The commands for the operator of an installation. The first two run once, before the services start. */
const steps: Readonly<Record<string, () => Promise<void>>> = {
  secrets: async () => {
    const made = secretsStep(process.argv[3])(readSecretsConfig());
    console.log(made.length === 0 ? 'the secrets already exist' : `wrote ${made.join(', ')}`);
  },
  keys: async () => {
    const config = readKeysConfig();
    console.log(
      'prefix' in config
        ? kubernetesSecrets(config.keys, config.prefix)
        : writeKeysOf(config.process, config.keys, config.isLogEmbedded),
    );
  },
  migrate: () => migrateAll(readMigrateConfig(), (schema) => console.log(`${schema} is up to date`)),
  reseal: () => {
    const { keys, adminUrl } = readMigrateConfig();
    return reseal(
      keys,
      () => adminUrl,
      (line) => console.log(line),
    );
  },
  topics: () => applyTopics(readTopicsConfig(), (line) => console.log(line)),
  'dead-letters': async () => {
    const letters = await listUnowned(readMigrateConfig());
    for (const letter of letters) console.log(JSON.stringify(letter));
    console.log(
      letters.length === 0 ? 'no record is without an owner' : 'discard-dead-letter ID removes one from the list',
    );
  },
  'discard-dead-letter': async () => {
    await discardUnowned(readMigrateConfig(), readLetterId());
    console.log('discarded');
  },
  'audit-verify': async () => {
    const chains = await verifyAudit(readMigrateConfig());
    for (const { service, tenantId, length, hash, broken } of chains)
      console.log(`${service} ${tenantId} ${length} ${hash} ${broken === null ? 'OK' : wordsOf(broken)}`);
    if (chains.some(({ broken }) => broken !== null)) throw new Error(problemOf(chains));
    console.log(`${chains.length} chains are intact: keep these lines elsewhere, a chain never gets shorter`);
  },
  'rebuild-projection': () => rebuild(readMigrateConfig(), process.argv[3], (line) => console.log(line)),
  integrator: () => changeIntegrator(readIntegratorConfig(), (line) => console.log(line)),
};

function secretsStep(word: string | undefined) {
  switch (word) {
    case undefined:
      return makeSecrets;
    case 'change':
      return changeMaster;
    case 'forget-previous':
      return forgetPrevious;
    default:
      throw new ConfigError('secrets takes nothing, `change` or `forget-previous`');
  }
}

function wordsOf({ seq, how }: AuditBreak): string {
  return `BROKEN at ${seq}: ${how}`;
}

const step = steps[process.argv[2] ?? ''];
if (step === undefined) {
  console.error(`name one command: ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}
try {
  await step();
} catch (error) {
  const { message, cause } = error instanceof Error ? error : { message: 'unknown error', cause: null };
  console.error(`failed: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`);
  process.exit(1);
}
