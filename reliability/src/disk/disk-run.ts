import { setTimeout as pause } from 'node:timers/promises';
import { violation, type Violation } from '../checkers/checker.port.ts';
import type { History } from '../history.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import { withClient } from '../system/with-client.ts';
import { type Server, startServer } from '../system/server.ts';
import type { System } from '../system/system.ts';
import { openSmallDisk, type SmallDisk } from './small-disk.ts';

/** Room for the server, its log of writes and what the loads store. */
const sizeMb = 512;
const settings = { max_wal_size: '96MB', min_wal_size: '32MB', shared_buffers: '64MB' };
/** Long enough for clients to give up and for the server to end itself and to fail to start again. */
const fullForMs = 12_000;
const fullWithinMs = 60_000;
/** More than the server keeps ready, by `max_wal_size`. */
const logFilesMax = 12;
const lookEveryMs = 25;
const superviseEveryMs = 500;

/**
 * Load on a database whose disk runs full. Postgres refuses to write or ends itself, and is started again as a supervisor
 * does; webhooks must be refused with 503 and never be acknowledged without being stored. Then there is room again, and
 * nobody lends a hand.
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
        // Waited for below; a load that fails meanwhile must not end the harness.
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
  // By itself a table finds no room first, and a transaction fails. Without room for its log the server ends itself.
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
    // The server gives back files when it starts again: that room is taken, too.
    if (refusedAt !== null) disk.fill(0);
  }
  disk.relieve();
  history.add({ op: 'note', what: 'disk has room again', detail: [...refusals].join(', ') });
  if (refusedAt === null) return [violation('I9', 'wrong', 'the disk never ran full: nothing was tried')];
  return wrongRefusals(refusals);
}

/** Makes the server ask for new files for its log of writes until it has none left. */
async function useUpLog(server: Server): Promise<void> {
  for (let n = 0; n < logFilesMax; n += 1)
    await withClient(server.directUrlOf('postgres'), (client) =>
      client.query(`select pg_logical_emit_message(true, 'reliability', ''), pg_switch_wal()`),
    ).catch(() => undefined);
}

/** A platform repeats what is refused with 503 or not answered; other refusals it may take for final. */
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
      // Without room it ends at once again: the next try may find some.
      const hadEnded = await server.startIfEnded().catch(() => false);
      if (hadEnded) history.add({ op: 'note', what: 'database ended for want of room', detail: '' });
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
