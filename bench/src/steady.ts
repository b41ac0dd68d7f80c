import { sendFrom } from './sending.ts';
import { type BenchSystem, countProjected } from './system.ts';

export interface Steady {
  readonly acceptedPerSecond: number;
  readonly ackMs: readonly number[];
  /**
   * From the time a message was received to the start of the last transaction that shows it, by the database's clock.
   */
  readonly visibleMs: readonly number[];
}

/** Sends at a steady rate and waits until the slowest of the five projections has everything. */
export async function sendSteadily(
  system: BenchSystem,
  { perSecond, seconds, run }: { readonly perSecond: number; readonly seconds: number; readonly run: string },
): Promise<Steady> {
  const [before = 0] = await countProjected(system.database);
  const count = perSecond * seconds;
  const sent = await sendFrom({
    ...system.webhook,
    count,
    connections: 32,
    perSecond,
    threads: Math.ceil(count / 10),
    run,
  });
  await system.settled(before + sent.accepted);
  const visibleMs = await delays(system, run);
  if (visibleMs.length !== sent.accepted)
    throw new Error(`only ${visibleMs.length} of ${sent.accepted} messages were found in every projection`);
  return { acceptedPerSecond: sent.accepted / (sent.tookMs / 1_000), ackMs: sent.latenciesMs, visibleMs };
}

async function delays({ database }: BenchSystem, run: string): Promise<number[]> {
  // Fresh tables have no statistics, and without them the join below takes a minute for 30,000 messages.
  await database.query('analyze');
  const { rows } = await database.query<{ delay_ms: string }>(
    `with received as materialized (
      select event_id, envelope->'data'->>'messageId' as message_id, (envelope->>'receivedAt')::timestamptz as received_at
      from ingest.outbox_event where envelope->'data'->>'externalMessageId' like $1 || '-%'
    ), added as materialized (
      select event_id, envelope->'data'->>'messageId' as message_id from conversation.outbox_event
      where envelope->>'type' = 'conversation.message-added'
    )
    select extract(epoch from greatest(c.consumed_at, r.consumed_at, l.consumed_at, n.consumed_at) - received_at) * 1000 as delay_ms
    from received join added using (message_id)
    join conversation.consumed_event c on c.event_id = received.event_id
    join crm.consumed_event r on r.event_id = received.event_id
    join automation.consumed_event l on l.event_id = received.event_id
    join analytics.consumed_event n on n.event_id = added.event_id`,
    [run],
  );
  return rows.map((row) => Number(row.delay_ms));
}
