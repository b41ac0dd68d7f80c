import { inboxProjection } from '@crossdesk/analytics';
import { rebuildSearchIndex } from '@crossdesk/conversation';
import { ConfigError, rebuildProjection } from '@crossdesk/service-kit';
import type { MigrateConfig } from './config.ts';

type Say = (line: string) => void;

const rebuilds: Readonly<Record<string, (config: MigrateConfig, say: Say) => Promise<void>>> = {
  analytics: rebuildCounters,
  search: rebuildSearch,
};
const progressEvery = 50_000;

/** Makes again what is derived from events or tables; the services may run meanwhile. `say` gets the progress. */
export async function rebuild(config: MigrateConfig, name: string | undefined, say: Say): Promise<void> {
  const run = rebuilds[name ?? ''];
  if (run === undefined)
    throw new ConfigError(`usage: rebuild-projection NAME, where NAME is one of ${Object.keys(rebuilds).join(', ')}`);
  await run(config, say);
}

async function rebuildCounters({ adminUrl, keys }: MigrateConfig, say: Say): Promise<void> {
  const startedAt = performance.now();
  const { eventCount, differenceCount, lockedMs } = await rebuildProjection(
    { databaseUrl: adminUrl, historyDatabaseUrl: adminUrl, keys, onProgress: progress(say, 'events') },
    inboxProjection,
  );
  say(`${eventCount} events ${since(startedAt)}; ${differenceCount} rows were wrong and were corrected`);
  say(`live consumption was paused for ${(lockedMs / 1_000).toFixed(1)} s`);
}

async function rebuildSearch({ adminUrl, keys }: MigrateConfig, say: Say): Promise<void> {
  const startedAt = performance.now();
  const { textCount, differenceCount } = await rebuildSearchIndex({
    databaseUrl: adminUrl,
    keys,
    onProgress: progress(say, 'texts'),
  });
  say(`${textCount} texts ${since(startedAt)}; ${differenceCount} were wrong in the index and were corrected`);
}

function progress(say: Say, what: string): (count: number) => void {
  let told = 0;
  return (count) => {
    if (count - told < progressEvery) return;
    told = count;
    say(`${count} ${what}`);
  };
}

function since(startedAt: number): string {
  return `in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
}
