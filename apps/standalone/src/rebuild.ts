import { rebuild } from '@crossdesk/setup';
import { readStandaloneConfig } from './config.ts';
import { openFoundation } from './foundation.ts';
import { say } from './words.ts';

/** As the setup command `rebuild-projection`, also for the built-in Postgres, which is started if it does not run. */
async function rebuildHere(): Promise<void> {
  const foundation = await openFoundation(readStandaloneConfig([]));
  const { databaseUrl: adminUrl, keys } = foundation;
  try {
    await rebuild(
      { adminUrl, keys },
      process.argv.slice(2).find((arg) => arg !== '--'),
      say,
    );
  } finally {
    if (!foundation.wasRunning) await foundation.stop();
  }
}

try {
  await rebuildHere();
} catch (error) {
  console.error(error instanceof Error ? error.message : 'failed');
  process.exitCode = 1;
}
