import { readMigrateConfig, readSecretsConfig, readTopicsConfig } from './config.ts';
import { migrateAll } from './migrate-all.ts';
import { makeSecrets } from './secrets.ts';
import { applyTopics } from './topics.ts';

/** What an installation of several processes runs once, before its services start. */
const steps: Readonly<Record<string, () => Promise<void>>> = {
  secrets: async () => {
    const made = makeSecrets(readSecretsConfig());
    console.log(made.length === 0 ? 'the secrets are there already' : `made ${made.join(', ')}`);
  },
  migrate: () => migrateAll(readMigrateConfig(), (schema) => console.log(`${schema} is up to date`)),
  topics: () => applyTopics(readTopicsConfig(), (line) => console.log(line)),
};

const step = steps[process.argv[2] ?? ''];
if (step === undefined) {
  console.error(`give one step: ${Object.keys(steps).join(' or ')}`);
  process.exit(2);
}
try {
  await step();
} catch (error) {
  const { message, cause } = error instanceof Error ? error : { message: 'unknown error', cause: null };
  console.error(`cannot go on: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`);
  process.exit(1);
}
