import { inboxProjection } from '@crossdesk/analytics';
import { rebuildProjection } from '@crossdesk/service-kit';
import { readStandaloneConfig } from './config.ts';
import { openFoundation } from './foundation.ts';
import { say } from './words.ts';

const projections = { analytics: inboxProjection };
const progressEvery = 50_000;

/** Rebuilds what a service derives from the history of others, while everything runs or not. */
async function rebuild(service: string | undefined): Promise<void> {
  if (service === undefined || !(service in projections))
    throw new Error(`usage: rebuild-projection SERVICE, with one of ${Object.keys(projections).join(', ')}`);
  const foundation = await openFoundation(readStandaloneConfig([]));
  const { databaseUrl, master } = foundation;
  const startedAt = performance.now();
  let told = 0;
  try {
    const { eventCount, differenceCount, lockedMs } = await rebuildProjection(
      {
        databaseUrl,
        historyDatabaseUrl: databaseUrl,
        master,
        onProgress: (count) => {
          if (count - told < progressEvery) return;
          told = count;
          say(`${count} events`);
        },
      },
      projections.analytics,
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    say(`${eventCount} events in ${seconds.toFixed(1)} s; ${differenceCount} rows were wrong and are mended`);
    say(`live consumption waited ${(lockedMs / 1_000).toFixed(1)} s`);
  } finally {
    if (!foundation.wasRunning) await foundation.stop();
  }
}

try {
  await rebuild(process.argv.slice(2).find((arg) => arg !== '--'));
} catch (error) {
  console.error(error instanceof Error ? error.message : 'failed');
  process.exitCode = 1;
}
