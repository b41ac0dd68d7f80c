import { beginningOf, liveClient, readEvents, type ShownEvent } from '@crossdesk/standalone/support/live.ts';
import { type Figure, percentile } from './figures.ts';
import { sendSteadily } from './steady.ts';
import { type BenchSystem, startSystem } from './system.ts';

const idleSeconds = 15;

/** What a lone message costs and how long it takes while nothing else happens, and what it costs that nothing happens. */
export async function benchQuiet(): Promise<Figure[]> {
  const system = await startSystem();
  try {
    await sendSteadily(system, { perSecond: 50, seconds: 10, run: 'warm-up' });
    const idle = await during(system, () => new Promise((resolve) => setTimeout(resolve, idleSeconds * 1_000)));
    const few = await watched(system, { perSecond: 5, seconds: 20, run: 'few' }, idle);
    const more = await watched(system, { perSecond: 50, seconds: 10, run: 'more' }, idle);
    return [
      atMost('commits a second, idle', idle.commits / idle.seconds, '/s', 10),
      atMost('processor, idle, of one core, without Postgres', (100 * idle.cpuMs) / idle.seconds / 1_000, '%', 1.5),
      ...figuresOf('5/s', few),
      ...figuresOf('50/s', more),
    ];
  } finally {
    await system.stop();
  }
}

function atMost(name: string, value: number, unit: string, max: number, detail?: string): Figure {
  return {
    name,
    value,
    unit,
    target: `<= ${max}`,
    isReached: value <= max,
    ...(detail === undefined ? {} : { detail }),
  };
}

type Watched = Awaited<ReturnType<typeof watched>>;

function figuresOf(rate: string, { liveMs, visibleMs, cpuMs, commits, walBytes }: Watched): Figure[] {
  const p95 = (values: readonly number[]): string => `p95 ${percentile(values, 0.95).toFixed(0)} ms`;
  return [
    atMost(`arrival -> live event at ${rate}, p50`, percentile(liveMs, 0.5), 'ms', 15, p95(liveMs)),
    atMost(`arrival -> in five projections at ${rate}, p50`, percentile(visibleMs, 0.5), 'ms', 12, p95(visibleMs)),
    atMost(`processor time a message at ${rate}, without Postgres`, cpuMs, 'ms', 6, 'above idle'),
    atMost(`commits a message at ${rate}`, commits, '', 14, 'above idle'),
    atMost(`write-ahead log a message at ${rate}`, walBytes / 1_000, 'KB', 9),
  ];
}

interface Cost {
  readonly seconds: number;
  /** Of this process, which is the whole product without Postgres. */
  readonly cpuMs: number;
  readonly commits: number;
  readonly walBytes: number;
}

async function during(system: BenchSystem, work: () => Promise<unknown>): Promise<Cost> {
  const before = await counters(system);
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system: kernel } = process.cpuUsage(cpu);
  const after = await counters(system);
  return {
    seconds: (performance.now() - startedAt) / 1_000,
    cpuMs: (user + kernel) / 1_000,
    commits: after.commits - before.commits,
    walBytes: after.walBytes - before.walBytes,
  };
}

/** Postgres publishes the commits of a session at most once a second. */
async function counters({ database }: BenchSystem): Promise<Pick<Cost, 'commits' | 'walBytes'>> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { rows } = await database.query<{ commits: string; wal_bytes: string }>(
    `select xact_commit as commits, pg_current_wal_lsn() - '0/0'::pg_lsn as wal_bytes
     from pg_stat_database where datname = current_database()`,
  );
  return { commits: Number(rows[0]?.commits), walBytes: Number(rows[0]?.wal_bytes) };
}

/** The delays of steady messages while a person watches the inbox, and their cost above that of doing nothing. */
async function watched(
  system: BenchSystem,
  load: { readonly perSecond: number; readonly seconds: number; readonly run: string },
  idle: Cost,
) {
  const count = load.perSecond * load.seconds;
  const client = liveClient(system.graphqlUrl, system.token);
  const shownAt = new Map<string, number>();
  const isLast = ({ kind, message }: ShownEvent): boolean => {
    if (kind === 'MESSAGE_ADDED' && message?.externalId?.startsWith(`${load.run}-`) === true)
      shownAt.set(message.id, Date.now());
    return shownAt.size === count;
  };
  const watching = readEvents(client, await beginningOf(system.graphqlUrl, system.token), isLast);
  let visibleMs: readonly number[] = [];
  const cost = await during(system, async () => {
    ({ visibleMs } = await sendSteadily(system, load));
    await watching;
  });
  await client.dispose();
  const { rows } = await system.database.query<{ id: string; at: Date }>(
    `select envelope->'data'->>'messageId' as id, (envelope->>'receivedAt')::timestamptz as at
     from ingest.outbox_event where envelope->'data'->>'externalMessageId' like $1 || '-%'`,
    [load.run],
  );
  return {
    visibleMs,
    liveMs: rows.map(({ id, at }) => (shownAt.get(id) ?? Infinity) - at.getTime()),
    cpuMs: (cost.cpuMs - (idle.cpuMs * cost.seconds) / idle.seconds) / count,
    commits: (cost.commits - (idle.commits * cost.seconds) / idle.seconds) / count,
    walBytes: cost.walBytes / count,
  };
}
