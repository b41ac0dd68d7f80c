import { setTimeout as pause } from 'node:timers/promises';
import { violation, type Violation } from '../checkers/checker.port.ts';
import type { History } from '../history.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import { withClient } from '../system/with-client.ts';
import { type Server, startServer } from '../system/server.ts';
import type { System } from '../system/system.ts';
import { openSmallDisk, type SmallDisk } from './small-disk.ts';

/** Enough for the server, its write-ahead log and what the loads store. */
const sizeMb = 512;
const settings = { max_wal_size: '96MB', min_wal_size: '32MB', shared_buffers: '64MB' };
/** Long enough for clients to give up, and for the server to end and fail to start again. */
const fullForMs = 12_000;
const fullWithinMs = 60_000;
/** More files than the server keeps ready, by `max_wal_size`. */
const logFilesMax = 12;
const lookEveryMs = 25;
const superviseEveryMs = 500;

/**
 * The disk of the database becomes full under load. Postgres refuses to write or ends, and is started again as a supervisor
 * does. Meanwhile webhooks must be refused with 503, and never be acknowledged without being stored. Then the disk has room
 * again, and the system must recover without help.
 */
export async function diskFullRun(
  spec: Pick<RunSpec, 'seed' | 'variant' | 'log' | 'directory'>,
): Promise<RunReport | null> {
  const disk = openSmallDisk(sizeMb);
  if (disk === null) return null;
  const server = await startServer({ settings, parent: disk.directory });
  try {
    return await run({
      ...spec,
      server,
      name: 'disk full',
      repeat: `pnpm reliability disk --seed ${spec.seed}`,
      load: { seed: spec.seed, messagesPerShop: 300, threadsPerShop: 40, replies: 30, poisons: 2, unheardPercent: 10 },
      quietWithinMs: 120_000,
      trouble: async (system, history, startLoad) => {
        await startLoad(spec.seed);
        const supervisor = superviseServer(server, history);
        const loading = startLoad(spec.seed + 1_000);
        // It is awaited below; a load that fails before that must not end the harness.
        loading.catch(() => undefined);
        const found = await whileFull(system, server, history, disk, spec.seed);
        await loading;
        await supervisor.stop();
        return found;
      },
    });
  } finally {
    await server.stop();
    disk.close();
  }
}

/** Fills the disk, keeps it full for a while, and judges how the system answers meanwhile. */
async function whileFull(
  system: System,
  server: Server,
  history: History,
  disk: SmallDisk,
  seed: number,
): Promise<Violation[]> {
  history.add({ op: 'fault', kind: 'disk full', detail: '' });
  disk.fill(0);
  // Without this step tables find no room first and transactions fail. Without room for its write-ahead log the server ends.
  if (seed % 2 === 0) await useUpLog(server);
  const refusals = new Set<string>();
  const before = system.twin.pushes().refusedAttempts;
  const beganAt = performance.now();
  let refusedAt: number | null = null;
  while (performance.now() - (refusedAt ?? beganAt) < (refusedAt === null ? fullWithinMs : fullForMs)) {
    const { lastRefusal, refusedAttempts } = system.twin.pushes();
    if (refusedAttempts > before) {
      refusedAt ??= performance.now();
      if (lastRefusal !== null) refusals.add(lastRefusal);
    }
    await pause(lookEveryMs);
    // A server that starts again gives back files: their room is taken, too.
    if (refusedAt !== null) disk.fill(0);
  }
  disk.relieve();
  history.add({ op: 'note', what: 'disk has room again', detail: [...refusals].join(', ') });
  if (refusedAt === null) return [violation('I9', 'wrong', 'the disk never became full, so nothing was tested')];
  return wrongRefusals(refusals);
}

/** Makes the server ask for new write-ahead log files until there is no room for one. */
async function useUpLog(server: Server): Promise<void> {
  for (let n = 0; n < logFilesMax; n += 1)
    await withClient(server.directUrlOf('postgres'), (client) =>
      client.query(`select pg_logical_emit_message(true, 'reliability', ''), pg_switch_wal()`),
    ).catch(() => undefined);
}

/** Platforms repeat what is refused with 503 or not answered; they may not repeat what is refused otherwise. */
export function wrongRefusals(refusals: ReadonlySet<string>): Violation[] {
  return [...refusals]
    .filter((refusal) => !/: (status 503|no answer)$/.test(refusal))
    .map((refusal) => violation('I1', 'wrong', `while nothing could be stored a webhook was answered "${refusal}"`));
}

/** Starts the server again whenever it has ended. */
function superviseServer(server: Server, history: History): { stop(): Promise<void> } {
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      // Without room it ends again at once; a later try may find some.
      const hadEnded = await server.startIfEnded().catch(() => false);
      if (hadEnded) history.add({ op: 'note', what: 'database ended because the disk was full', detail: '' });
      await pause(superviseEveryMs);
    }
  };
  const watching = watch();
  return {
    stop: async () => {
      isOver = true;
      await watching;
    },
  };
}
