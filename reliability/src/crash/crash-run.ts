import { setTimeout as pause } from 'node:timers/promises';
import type { Violation } from '../checkers/checker.port.ts';
import { committedIsDone } from '../checkers/log.checker.ts';
import type { History } from '../history.ts';
import type { LoadOptions } from '../load/load.ts';
import { nothingObserved } from '../observations.ts';
import { run, type RunReport } from '../run.ts';
import { observeProgress } from '../system/observe.ts';
import type { Server } from '../system/server.ts';
import type { Supervised } from '../system/supervised.ts';
import type { LogKind, System } from '../system/system.ts';

export interface CrashRunSpec {
  readonly points: readonly string[];
  readonly seed: number;
  readonly server: Server;
  readonly tree: string;
  readonly log: LogKind;
  readonly directory: string;
  readonly load?: Omit<LoadOptions, 'seed'>;
}

/** A load that comes by every point; as long as points are left it is started again. */
const small = { messagesPerShop: 60, threadsPerShop: 15, replies: 8, poisons: 2, unheardPercent: 10 };
/** A point that nobody came by in so many loads is not exercised, and that is a finding. */
const loadsPerPointMax = 3;
const lookEveryMs = 50;

/**
 * Arms crash points one after another and loads the system: it dies at one, is started again armed with the next, and so
 * on. At each death what is committed must be done; in the end everything is checked.
 */
export function crashAt({ points, seed, load = small, ...where }: CrashRunSpec): Promise<RunReport> {
  return run({
    ...where,
    name: points.length === 1 ? `crash ${points[0]}` : `crash at ${points.length} points`,
    seed,
    repeat: `pnpm reliability crash --seed ${seed} --faults ${points.join(',')}`,
    crashAt: points,
    syncEverySeconds: points.some((point) => point.startsWith('k20')) ? 1 : 3600,
    load: { seed, ...load },
    trouble: async (system, history, startLoad) => {
      const [process] = system.processes;
      if (process === undefined) throw new Error('there is no process to crash');
      const found: Violation[] = [];
      const watching = watchDeaths(system, process, history, points.length, found);
      let loadsWithoutDeath = 0;
      for (let loads = 0; process.armed !== null; loads += 1) {
        const before = process.crashes.length;
        if (process.armed.startsWith('k16')) system.twin.faults.next('shopee', 'token-expired');
        await startLoad(seed + loads);
        loadsWithoutDeath = process.crashes.length === before ? loadsWithoutDeath + 1 : 0;
        if (loadsWithoutDeath < loadsPerPointMax || process.armed === null) continue;
        found.push({ check: 'I9', kind: 'wrong', what: `nothing came by ${process.armed}: it is not exercised` });
        process.skip();
        loadsWithoutDeath = 0;
      }
      await watching.stop();
      return found;
    },
  });
}

/** Notes each death, and checks at that moment that what is committed is done: a later restart could hide it. */
function watchDeaths(
  system: System,
  process: Supervised,
  history: History,
  deathsMax: number,
  found: Violation[],
): { stop(): Promise<void> } {
  let isOver = false;
  const watch = async (): Promise<void> => {
    for (let seen = 0; seen < deathsMax && !isOver;) {
      const at = process.crashes[seen];
      if (at === undefined) {
        await pause(lookEveryMs);
        continue;
      }
      seen += 1;
      history.add({ op: 'fault', kind: `crash ${at.split('@')[0]}`, detail: at });
      const progress = await observeProgress(system);
      found.push(...committedIsDone(history.entries, { ...nothingObserved, ...progress }));
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
