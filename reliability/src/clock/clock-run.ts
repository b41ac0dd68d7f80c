import { randomFrom } from '@crossdesk/standalone/support/random.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history.ts';
import { clockOf } from '../nemesis/clock.strikes.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import { noticedWithinMs, stepSecondsMax } from '../system/process-clock.ts';
import type { System } from '../system/system.ts';

/** More than any signature allows: the process refuses every signature, and platforms refuse those of the process. */
const farSeconds = 600;
const farForMs = 6_000;
const steps = 8;

/**
 * The clock of the process is wrong; Postgres, platforms and callers have the right time. The process starts four minutes ahead
 * and behind, its clock steps forward and back under load, and at the end it is ten minutes off: then webhooks are refused, as
 * they must be, and repeated until the clock is right.
 */
export function clockRun(spec: Pick<RunSpec, 'seed' | 'server' | 'log' | 'directory'>): Promise<RunReport> {
  const random = randomFrom(spec.seed);
  return run({
    ...spec,
    name: 'clock',
    repeat: `pnpm reliability clock --seed ${spec.seed}`,
    hasOwnClock: true,
    load: { seed: spec.seed, messagesPerShop: 120, threadsPerShop: 20, replies: 20, poisons: 2, unheardPercent: 20 },
    quietWithinMs: 120_000,
    trouble: async (system, history, startLoad) => {
      let loads = 0;
      const load = (): Promise<void> => startLoad(spec.seed * 1_000 + loads++);
      for (const ahead of [stepSecondsMax, -stepSecondsMax]) {
        await startAgain(system, history, ahead);
        await load();
      }
      await during(load(), async () => {
        for (let n = 0; n < steps; n += 1) {
          set(system, history, random(2 * stepSecondsMax) - stepSecondsMax);
          await pause(noticedWithinMs);
        }
      });
      for (const ahead of [farSeconds, -farSeconds]) {
        await startAgain(system, history, ahead);
        await during(load(), async () => {
          await pause(farForMs);
          set(system, history, 0);
        });
      }
      return [];
    },
  });
}

async function startAgain(system: System, history: History, ahead: number): Promise<void> {
  set(system, history, ahead);
  system.processes.forEach((one) => one.signal('SIGKILL'));
  // A process that was killed counts as ready until its end is noticed.
  await pause(noticedWithinMs);
  await Promise.all(system.processes.map((one) => one.ready()));
}

function set(system: System, history: History, ahead: number): void {
  history.add({ op: 'fault', kind: 'clock set', detail: `${ahead} s` });
  clockOf(system).set(ahead);
}

/** Makes trouble beside a load, and waits for both. */
async function during(loading: Promise<void>, trouble: () => Promise<void>): Promise<void> {
  await Promise.all([loading, trouble()]);
}
