import { randomFrom } from '@crossdesk/standalone/support/random.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { run, type RunReport } from '../run.ts';
import type { Variant } from '../stand-ins/stand-in.ts';
import type { Server } from '../system/server.ts';
import type { Log } from '../system/system.ts';
import { clockStrikes } from './clock.strikes.ts';
import { startNemesis, strikesHere } from './nemesis.ts';

export interface StormRunSpec {
  readonly seed: number;
  readonly server: Server;
  readonly variant?: Variant;
  readonly log: Log;
  readonly directory: string;
  /** Processes of each service. */
  readonly members: number;
  readonly forMs: number;
  /** The kinds of trouble to choose from. A failure is made smaller by running it with fewer. */
  readonly kinds: readonly string[];
}

const storm = {
  messagesPerShop: 300,
  threadsPerShop: 60,
  replies: 80,
  poisons: 6,
  erasures: 2,
  unheardPercent: 30,
  refusedPercent: 2,
};

/** Puts load on the system for a while and strikes it with all these kinds of trouble at random moments. */
export function stormRun({ forMs, kinds, seed, ...where }: StormRunSpec): Promise<RunReport> {
  const { members } = where;
  const shown = kinds.length === strikesHere(where.log.kind, members).kinds.length ? 'all' : kinds.join(',');
  return run({
    ...where,
    name: members === 1 ? 'storm' : `storm, ${members} of each service`,
    seed,
    repeat: `pnpm reliability storm --log ${where.log.kind} --members ${members} --seed ${seed} --faults "${shown}" --seconds ${Math.round(forMs / 1_000)}`,
    load: { seed, ...storm, echoes: seed % 2 === 0 ? 'before-answer' : 'after-answer' },
    // The send limit of a store sends the replies that a storm has held back one by one.
    quietWithinMs: 300_000,
    hasOwnClock: kinds.some((kind) => kind in clockStrikes),
    trouble: async (system, history, startLoad) => {
      const nemesis = startNemesis(system, where.server, history, { random: randomFrom(seed), kinds });
      let isOver = false;
      const loading = (async () => {
        for (let loads = 0; !isOver; loads += 1) await startLoad(seed * 1_000 + loads);
      })();
      // It is awaited below; a load that fails before that must not end the harness.
      loading.catch(() => undefined);
      await pause(forMs);
      isOver = true;
      // The current load ends without trouble, because under constant trouble it might not end.
      await nemesis.stop();
      await loading;
      return [];
    },
  });
}
