import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { History } from '../history.ts';
import { consumers, services } from './consumers.ts';
import { withClient } from './with-client.ts';
import type { System } from './system.ts';

const lookEveryMs = 250;

/** Waits until all work is done and notes how long that took; gives up after the given time. */
export async function waitForQuiet(system: System, history: History, withinMs: number): Promise<void> {
  const startedAt = performance.now();
  await Promise.race([Promise.all(system.processes.map((one) => one.ready())), pause(withinMs)]);
  const waitingFor = await comeToRest(system, startedAt + withinMs);
  const tookMs = waitingFor.length === 0 ? performance.now() - startedAt : null;
  history.add({ op: 'quiet', tookMs, waitingFor });
}

/** Waits until all work is done, until the time is over, or until `isOver` says so. Returns what is still to be done. */
export async function comeToRest(
  system: System,
  endsAt: number,
  isOver: () => boolean = () => false,
): Promise<readonly string[]> {
  let waitingFor: readonly string[] = ['the processes'];
  let quietLooks = 0;
  while (performance.now() < endsAt && !isOver()) {
    waitingFor = await underWay(system).catch((error: unknown) => [
      error instanceof Error ? error.message : 'the database',
    ]);
    quietLooks = waitingFor.length === 0 ? quietLooks + 1 : 0;
    // Between two steps of an event there seems to be no work, so one quiet look is not enough.
    if (quietLooks === 3) return [];
    await pause(lookEveryMs);
  }
  return waitingFor.length === 0 ? ['more than one quiet look'] : waitingFor;
}

/** The work that is still to be done, in words. */
async function underWay(system: System): Promise<string[]> {
  const { pending } = system.twin.pushes();
  const lags = await Promise.all(
    Object.entries(consumers).map(async ([name, topics]) => [name, await system.broker.lag(name, topics)] as const),
  );
  const waiting = await withClient(system.databaseUrl, openWork);
  return [
    ...(pending > 0 ? [`${pending} webhooks`] : []),
    ...lags.flatMap(([name, lag]) => (lag > 0n ? [`${name} is ${lag} behind`] : [])),
    ...waiting,
  ];
}

async function openWork(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ what: string; n: number }>(
    [
      ...services.map(
        (service) =>
          `select '${service} events unpublished' as what, count(*)::int as n from ${service}.outbox_event where published_at is null`,
      ),
      `select 'replies ' || status, count(*)::int from ingest.delivery_intent
         where status in ('queued', 'sending') or (status = 'unknown' and not needs_person) group by status`,
      `select 'turns', count(*)::int from automation.turn where due_at is not null`,
      `select 'decisions', count(*)::int from automation.decision where outcome is null`,
      `select 'messages held', count(*)::int from ingest.held_message`,
      `select 'orders to fetch', count(*)::int from ingest.order_fetch`,
      `select 'erasures', count(*)::int from crm.erasure where completed_at is null`,
    ].join(' union all '),
  );
  return rows.filter(({ n }) => n > 0).map(({ what, n }) => `${n} ${what}`);
}
