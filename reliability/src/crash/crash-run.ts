import { setTimeout as pause } from 'node:timers/promises';
import type { Violation } from '../checkers/checker.port.ts';
import { committedIsDone } from '../checkers/log.checker.ts';
import type { History } from '../history.ts';
import type { LoadOptions } from '../load/load.ts';
import { nothingObserved } from '../observations.ts';
import { run, type RunReport } from '../run.ts';
import type { Variant } from '../stand-ins/stand-in.ts';
import { observeProgress } from '../system/observe.ts';
import type { Server } from '../system/server.ts';
import { comeToRest } from '../system/quiet.ts';
import type { Log, System } from '../system/system.ts';

export interface CrashRunSpec {
  readonly points: readonly string[];
  readonly seed: number;
  readonly server: Server;
  readonly variant?: Variant;
  readonly log: Log;
  readonly directory: string;
  readonly load?: Omit<LoadOptions, 'seed'>;
}

/** A load that passes every point. It is started again as long as points are left. */
const small = { messagesPerShop: 60, threadsPerShop: 15, replies: 8, poisons: 2, erasures: 2, unheardPercent: 10 };
/** A point that no process passed in so many loads is a finding. */
const loadsPerPointMax = 3;
/** On Kafka a consumer gets the partitions of one that died only when the session of that one has ended. */
const workedOffWithinMs = 30_000;
const lookEveryMs = 50;

/**
 * Arms crash points one after another, each in the process that passes it, and puts load on the system. A process dies at its
 * point and is started again with the next one. After each death everything before a committed position must be done; at the end
 * everything is checked.
 */
export function crashAt({ points, seed, load = small, ...where }: CrashRunSpec): Promise<RunReport> {
  return run({
    ...where,
    name: points.length === 1 ? `crash ${points[0]}` : `crash at ${points.length} points`,
    seed,
    repeat: `pnpm reliability crash --log ${where.log.kind} --seed ${seed} --faults ${points.join(',')}`,
    crashAt: points,
    syncEverySeconds: points.some((point) => point.startsWith('poll-turn-ended')) ? 1 : 3600,
    load: { seed, ...load },
    trouble: async (system, history, startLoad) => {
      const found: Violation[] = [];
      const watching = watchDeaths(system, history, found);
      const armed = () => system.processes.flatMap((one) => (one.armed === null ? [] : [{ one, point: one.armed }]));
      const deaths = () => system.processes.reduce((sum, { crashes }) => sum + crashes.length, 0);
      let loadsWithoutDeath = 0;
      for (let loads = 0; armed().length > 0; loads += 1) {
        const before = deaths();
        if (armed().some(({ point }) => point.startsWith('token-renewed')))
          system.twin.faults.next('shopee', 'token-expired');
        await startLoad(seed + loads);
        await comeToRest(system, workedOffWithinMs, () => deaths() > before);
        loadsWithoutDeath = deaths() === before ? loadsWithoutDeath + 1 : 0;
        if (loadsWithoutDeath < loadsPerPointMax) continue;
        for (const { one, point } of armed()) {
          found.push({ check: 'I9', kind: 'wrong', what: `no process passed ${point}, so it was not tested` });
          one.skip();
        }
        loadsWithoutDeath = 0;
      }
      // After `token-renewed` a pair of tokens is lost, and a person has to authorise the shop. What waited for that must go on.
      if (points.some((point) => point.startsWith('token-renewed')))
        for (const shop of system.shops) if (shop.platform === 'shopee') await system.authoriseAnew(shop);
      await watching.stop();
      return found;
    },
  });
}

/** Notes each death and checks at that moment that what is committed is done, because a restart could repair it later. */
function watchDeaths(system: System, history: History, found: Violation[]): { stop(): Promise<void> } {
  let isOver = false;
  const seen = new Map(system.processes.map((one) => [one, 0]));
  const unseen = (): string[] =>
    system.processes.flatMap((one) => {
      const from = seen.get(one) ?? 0;
      seen.set(one, one.crashes.length);
      return one.crashes.slice(from);
    });
  const watch = async (): Promise<void> => {
    for (;;) {
      const wasOver = isOver;
      const died = unseen();
      for (const at of died) history.add({ op: 'fault', kind: `crash ${at.split('@')[0]}`, detail: at });
      if (died.length > 0) {
        const progress = await observeProgress(system);
        found.push(...committedIsDone(history.entries, { ...nothingObserved, ...progress }));
      } else if (wasOver) return;
      else await pause(lookEveryMs);
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
