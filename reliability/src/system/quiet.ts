import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { History } from '../history.ts';
import { consumers, services } from './consumers.ts';
import { withClient } from './with-client.ts';
import type { System } from './system.ts';

const lookEveryMs = 250;
/** Work that changes for so many times the given time and is never done goes round in circles. */
const circlesAfter = 10;

/** Waits until all work is done and notes how long that took; gives up when what is left has not changed for the given time. */
export async function waitForQuiet(system: System, history: History, stuckAfterMs: number): Promise<void> {
  const startedAt = performance.now();
  await Promise.race([
    Promise.all(system.processes.map((one) => one.ready())),
    pause(stuckAfterMs, null, { ref: false }),
  ]);
  const waitingFor = await comeToRest(system, stuckAfterMs);
  const tookMs = waitingFor.length === 0 ? performance.now() - startedAt : null;
  history.add({ op: 'quiet', tookMs, waitingFor });
}

/**
 * Waits until all work is done, until `isOver` says so, or until what is left has not changed for the given time: a busy
 * machine is slow, but goes on. Returns what is still to be done.
 */
export async function comeToRest(
  system: System,
  stuckAfterMs: number,
  isOver: () => boolean = () => false,
): Promise<readonly string[]> {
  const giveUpAt = performance.now() + stuckAfterMs * circlesAfter;
  let changedAt = performance.now();
  let waitingFor: readonly string[] = ['the processes'];
  let quietLooks = 0;
  while (performance.now() < Math.min(changedAt + stuckAfterMs, giveUpAt) && !isOver()) {
    const before = waitingFor.join();
    waitingFor = await underWay(system).catch((error: unknown) => [
      error instanceof Error ? error.message : 'the database',
    ]);
    if (waitingFor.join() !== before) changedAt = performance.now();
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
      // What is due in a moment counts too: the bot has its second.
      `select 'queue entries', count(*)::int from conversation.queue_entry where due_at <= now() + interval '3 seconds'`,
      `select 'wakes', count(*)::int from conversation.routing_wake`,
      `select 'leavers', count(*)::int from conversation.agent_duty where is_handing_over`,
      `select 'clocks', count(*)::int from conversation.sla_state where next_at <= now()`,
      `select 'bulk jobs', count(*)::int from conversation.bulk_job where state in ('draft', 'ready', 'running')`,
      `select 'erasures', count(*)::int from crm.erasure where completed_at is null`,
    ].join(' union all '),
  );
  return rows.filter(({ n }) => n > 0).map(({ what, n }) => `${n} ${what}`);
}
