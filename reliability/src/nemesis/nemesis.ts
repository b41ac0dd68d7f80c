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
/** Longer than a consumer's lease and a sender's claim: who comes back finds that others took over. */
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
  // The transaction is committed, and whoever asked for it will never know.
  'answer to COMMIT lost': async ({ server, random }) => {
    for (let n = random(8); n >= 0; n -= 1) await Promise.race([server.proxy.robNextAnswer(isCommit), pause(2_000)]);
    server.proxy.robNothing();
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

/** One process or several, where the system has several. */
function struck({ system: { processes }, random }: Parameters<Strike>[0]): readonly Supervised[] {
  if (processes.length === 1) return processes;
  const left = [...processes];
  return Array.from({ length: 1 + random(processes.length) }, () => left.splice(random(left.length), 1)).flat();
}

/** Every kind of trouble there is for a system on this log, with so many members in a group. */
export function strikesOn(log: LogKind, members: number): Readonly<Record<string, Strike>> {
  return {
    ...strikes,
    ...(log === 'kafka' ? kafkaStrikes : {}),
    ...(members > 1 ? memberStrikes : {}),
  };
}

/** Kinds of trouble that can be made here for such a system, and what has to be left out, with the reason. */
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
  /** Lets the trouble in hand end and heals everything. */
  stop(): Promise<void>;
}

/** Strikes again and again, one kind after another as the seed has it, with pauses in which the system comes up again. */
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
    if (strike === undefined) throw new Error(`there is no trouble called "${kind}"`);
    history.add({ op: 'fault', kind, detail: '' });
    await strike({ system, server, random });
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // Trouble comes in bursts: a second kind may strike before the first is got over.
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
      server.proxy.robNothing();
      if (system.kafka !== null) healKafka(system.kafka);
      system.twin.faults.clear();
      healPlatforms(system.platformProxy);
      system.clock?.set(0);
    },
  };
}
