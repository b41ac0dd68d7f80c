import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history.ts';
import { findFaketime, howToGetClock } from '../system/process-clock.ts';
import type { Answer } from '../system/proxy.ts';
import type { Server } from '../system/server.ts';
import type { Supervised } from '../system/supervised.ts';
import type { LogKind, System } from '../system/system.ts';
import { clockStrikes } from './clock.strikes.ts';
import { connectionStrikes } from './connection.strikes.ts';
import { healKafka, kafkaStrikes } from './kafka.strikes.ts';
import { memberStrikes } from './member.strikes.ts';
import { healPlatforms, platformStrikes } from './platform.strikes.ts';
import type { Strike } from './strike.port.ts';

const isCommit: Answer = (_asked, answer) => answer.includes('COMMIT\0');
/** Longer than the lease of a consumer and the claim of a sender: a process that continues finds that others took over. */
const stopMsMax = 12_000;

const strikes: Readonly<Record<string, Strike>> = {
  'kill -9': async (place) => struck(place).forEach((one) => one.signal('SIGKILL')),
  'stop and continue': async (place) => {
    const stopped = struck(place);
    for (const one of stopped) one.signal('SIGSTOP');
    await pause(500 + place.random(stopMsMax));
    for (const one of stopped) one.signal('SIGCONT');
  },
  terminate: async (place) => struck(place).forEach((one) => one.signal('SIGTERM')),
  'database restarts at once': ({ server }) => server.restartImmediately(),
  'database connections cut': async ({ server }) => server.proxy.cut(),
  'database unreachable': async ({ server, random }) => {
    server.proxy.refuse(true);
    await pause(300 + random(3_000));
    server.proxy.refuse(false);
  },
  'database slow': async ({ server, random }) => {
    server.proxy.delay(5 + random(40));
    await pause(1_000 + random(2_000));
    server.proxy.delay(0);
  },
  // The transaction is committed, and the client does not know.
  'answer to COMMIT lost': async ({ server, random }) => {
    for (let n = random(8); n >= 0; n -= 1) await Promise.race([server.proxy.dropNextAnswer(isCommit), pause(2_000)]);
    server.proxy.dropNothing();
  },
  ...connectionStrikes,
  'platform out': async ({ system, random }) => {
    system.twin.faults.outage('generic', true);
    await pause(300 + random(2_000));
    system.twin.faults.outage('generic', false);
  },
  'token expired': async ({ system }) => system.twin.faults.next('shopee', 'token-expired'),
  ...platformStrikes,
  ...clockStrikes,
};

/** One process, or several of them at random when there are several. */
function struck({ system: { processes }, random }: Parameters<Strike>[0]): readonly Supervised[] {
  if (processes.length === 1) return processes;
  const left = [...processes];
  return Array.from({ length: 1 + random(processes.length) }, () => left.splice(random(left.length), 1)).flat();
}

/** Every kind of trouble for a system on this log with so many members in a group. */
export function strikesOn(log: LogKind, members: number): Readonly<Record<string, Strike>> {
  return {
    ...strikes,
    ...(log === 'kafka' ? kafkaStrikes : {}),
    ...(members > 1 ? memberStrikes : {}),
  };
}

/** The kinds of trouble that this machine can make for such a system, and those it cannot, with the reason. */
export function strikesHere(
  log: LogKind,
  members: number,
): { readonly kinds: readonly string[]; readonly leftOut: readonly string[] } {
  const kinds = Object.keys(strikesOn(log, members));
  if (findFaketime() !== null) return { kinds, leftOut: [] };
  return {
    kinds: kinds.filter((kind) => !(kind in clockStrikes)),
    leftOut: Object.keys(clockStrikes).map((kind) => `"${kind}" is LEFT OUT: ${howToGetClock}`),
  };
}

export interface Nemesis {
  /** Waits for the current trouble to end and undoes everything. */
  stop(): Promise<void>;
}

/** Strikes again and again with kinds that the seed chooses, and with pauses in which the system recovers. */
export function startNemesis(
  system: System,
  server: Server,
  history: History,
  options: { readonly random: (below: number) => number; readonly kinds: readonly string[] },
): Nemesis {
  const { random, kinds } = options;
  const all = strikesOn(system.kafka === null ? 'embedded' : 'kafka', system.members);
  const stopping = new AbortController();
  const strikeOnce = async (): Promise<void> => {
    const kind = kinds[random(kinds.length)] ?? '';
    const strike = all[kind];
    if (strike === undefined) throw new Error(`there is no kind of trouble "${kind}"`);
    history.add({ op: 'fault', kind, detail: '' });
    await strike({ system, server, random });
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // Some pauses are short, so that a second kind strikes before the system has recovered from the first.
      await pause(random(3) === 0 ? 100 : 3_000 + random(6_000), null, { signal: stopping.signal }).catch(
        () => undefined,
      );
      if (!stopping.signal.aborted) await strikeOnce();
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      server.proxy.refuse(false);
      server.proxy.delay(0);
      server.proxy.dropNothing();
      if (system.kafka !== null) healKafka(system.kafka);
      system.twin.faults.clear();
      healPlatforms(system.platformProxy);
      system.clock?.set(0);
    },
  };
}
