import { setTimeout as pause } from 'node:timers/promises';
import { noticedWithinMs, type ProcessClock, stepSecondsMax } from '../system/process-clock.ts';
import type { System } from '../system/system.ts';
import type { Strike } from './strike.port.ts';

/** The clock of the processes is wrong for a while; database, platforms and callers have the right time. */
export const clockStrikes: Readonly<Record<string, Strike>> = {
  'clock steps ahead': ({ system, random }) => wrong(system, 1 + random(stepSecondsMax), random),
  'clock steps back': ({ system, random }) => wrong(system, -1 - random(stepSecondsMax), random),
  'started with a wrong clock': async ({ system, random }) => {
    clockOf(system).set(random(2 * stepSecondsMax) - stepSecondsMax);
    system.processes.forEach((one) => one.signal('SIGKILL'));
    // A process that was killed counts as ready until its end is noticed.
    await pause(500);
    await Promise.all(system.processes.map((one) => one.ready()));
    await pause(random(4_000));
    clockOf(system).set(0);
  },
};

async function wrong(system: System, aheadSeconds: number, random: (below: number) => number): Promise<void> {
  clockOf(system).set(aheadSeconds);
  await pause(noticedWithinMs + random(5_000));
  clockOf(system).set(0);
}

export function clockOf({ clock }: System): ProcessClock {
  if (clock === null) throw new Error('the system was started without a clock of its own');
  return clock;
}
