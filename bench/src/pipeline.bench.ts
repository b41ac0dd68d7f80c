import { type Figure, percentile } from './figures.ts';
import { sendFrom } from './sending.ts';
import { type BenchSystem, countProjected, startSystem } from './system.ts';

/** How long all five projections take to have what was accepted, and how late a message shows at a steady pace. */
export async function benchPipeline(): Promise<Figure[]> {
  const system = await startSystem();
  try {
    await throughput(system, 2_000, 'warm-up');
    const { perSecond, detail } = await throughput(system, 20_000, 'run');
    const p99 = await delay(system);
    return [
      {
        name: 'webhook -> visible in five projections, sustained',
        value: perSecond,
        unit: 'msg/s',
        target: '>= 1,000',
        isReached: perSecond >= 1_000,
        detail,
      },
      {
        name: 'webhook -> visible at 300 msg/s, p99',
        value: p99,
        unit: 'ms',
        target: '< 1,000',
        isReached: p99 < 1_000,
      },
    ];
  } finally {
    await system.stop();
  }
}

async function throughput(
  system: BenchSystem,
  count: number,
  run: string,
): Promise<{ perSecond: number; detail: string }> {
  const [before = 0] = await countProjected(system.database);
  const startedAt = performance.now();
  const sent = await sendFrom({
    origin: system.webhookOrigin,
    path: system.webhookPath,
    secret: system.secret,
    count,
    connections: 64,
    perSecond: null,
    threads: Math.ceil(count / 10),
    run,
  });
  const ackedAt = performance.now();
  await system.settled(before + sent.accepted);
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    perSecond: sent.accepted / seconds,
    detail: `${sent.accepted} messages; acked after ${((ackedAt - startedAt) / 1_000).toFixed(1)} s, visible after ${seconds.toFixed(1)} s`,
  };
}

/**
 * At 300 messages a second, how long until the slowest of the projections has taken a message in, by the clock of the
 * database: from the time it was received to the beginning of the last transaction that shows it.
 */
async function delay(system: BenchSystem): Promise<number> {
  const [before = 0] = await countProjected(system.database);
  const count = 300 * 15;
  await sendFrom({
    origin: system.webhookOrigin,
    path: system.webhookPath,
    secret: system.secret,
    count,
    connections: 32,
    perSecond: 300,
    threads: count / 10,
    run: 'steady',
  });
  await system.settled(before + count);
  const { rows } = await system.database.query<{ delay_ms: string }>(`
    with received as (
      select event_id, envelope->'data'->>'messageId' as message_id, (envelope->>'receivedAt')::timestamptz as received_at
      from ingest.outbox_event where envelope->'data'->>'externalMessageId' like 'steady-%'
    ), added as (
      select event_id, envelope->'data'->>'messageId' as message_id from conversation.outbox_event
      where envelope->>'type' = 'conversation.message-added'
    )
    select extract(epoch from greatest(c.processed_at, r.processed_at, l.processed_at, n.processed_at) - received_at) * 1000 as delay_ms
    from received join added using (message_id)
    join conversation.inbox_event c on c.event_id = received.event_id
    join crm.inbox_event r on r.event_id = received.event_id
    join automation.inbox_event l on l.event_id = received.event_id
    join analytics.inbox_event n on n.event_id = added.event_id`);
  if (rows.length !== count) throw new Error(`only ${rows.length} of ${count} messages were found in every projection`);
  return percentile(
    rows.map((row) => Number(row.delay_ms)),
    0.99,
  );
}
