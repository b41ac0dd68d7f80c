import { inboxProjection } from '@crossdesk/analytics';
import { ConfigError, rebuildProjection } from '@crossdesk/service-kit';
import type { MigrateConfig } from './config.ts';

const projections = { analytics: inboxProjection };
const progressEvery = 50_000;

/** Rebuilds what a service derives from the events of others; the services may run meanwhile. `say` gets the progress. */
export async function rebuild(
  { adminUrl, keys }: MigrateConfig,
  service: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  if (service === undefined || !(service in projections))
    throw new ConfigError(
      `usage: rebuild-projection SERVICE, where SERVICE is one of ${Object.keys(projections).join(', ')}`,
    );
  const startedAt = performance.now();
  let told = 0;
  const { eventCount, differenceCount, lockedMs } = await rebuildProjection(
    {
      databaseUrl: adminUrl,
      historyDatabaseUrl: adminUrl,
      keys,
      onProgress: (count) => {
        if (count - told < progressEvery) return;
        told = count;
        say(`${count} events`);
      },
    },
    projections.analytics,
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  say(`${eventCount} events in ${seconds.toFixed(1)} s; ${differenceCount} rows were wrong and were corrected`);
  say(`live consumption was paused for ${(lockedMs / 1_000).toFixed(1)} s`);
}
