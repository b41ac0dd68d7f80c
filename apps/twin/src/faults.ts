import type { Platform } from './model.ts';
import type { Random, Seed } from './seed.ts';

export const callFaults = [
  'rate-limit',
  'server-error',
  'execute-then-hang',
  'execute-then-reset',
  'token-expired',
] as const;
export const pushFaults = ['duplicate-push', 'delayed-push', 'reordered-push'] as const;
export type CallFault = (typeof callFaults)[number];
export type PushFault = (typeof pushFaults)[number];
export type Fault = CallFault | PushFault;

export interface Faults {
  /** Hits the next send (call faults) or the next push (push faults) of the platform; several faults strike in turn. */
  next(platform: Platform, fault: Fault): void;
  /** Hits that share of all calls or pushes from now on, chosen by the seed; 0 ends it. */
  rate(platform: Platform, rate: { fault: Fault; percent: number }): void;
  /** During an outage every connection to the platform is cut before anything is executed, and pushes wait. */
  outage(platform: Platform, isDown: boolean): void;
  clear(): void;
  /** How often each fault has struck so far. */
  struck(): Readonly<Partial<Record<Fault, number>>>;
}

interface State {
  readonly queued: { platform: Platform; fault: Fault }[];
  readonly rates: Map<string, { platform: Platform; fault: Fault; percent: number }>;
  readonly down: Set<Platform>;
  readonly random: Random;
  readonly struck: Partial<Record<Fault, number>>;
}

export interface FaultBoard extends Faults {
  forCall(platform: Platform, isSend: boolean): CallFault | null;
  forPush(platform: Platform): PushFault | null;
  isDown(platform: Platform): boolean;
}

export function createFaults(seed: Seed): FaultBoard {
  const state: State = { queued: [], rates: new Map(), down: new Set(), random: seed.random('faults'), struck: {} };
  return {
    next: (platform, fault) => void state.queued.push({ platform, fault }),
    rate: (platform, { fault, percent }) => {
      if (percent > 0) state.rates.set(`${platform}/${fault}`, { platform, fault, percent });
      else state.rates.delete(`${platform}/${fault}`);
    },
    outage: (platform, isDown) => void (isDown ? state.down.add(platform) : state.down.delete(platform)),
    clear: () => {
      state.queued.length = 0;
      state.rates.clear();
      state.down.clear();
    },
    forCall: (platform, isSend) =>
      counted(
        state,
        (isSend ? takeQueued(state, platform, callFaults) : null) ??
          drawRate(state, platform, isSend ? callFaults : ['rate-limit', 'server-error', 'token-expired']),
      ),
    forPush: (platform) =>
      counted(state, takeQueued(state, platform, pushFaults) ?? drawRate(state, platform, pushFaults)),
    struck: () => ({ ...state.struck }),
    isDown: (platform) => state.down.has(platform),
  };
}

function counted<Kind extends Fault>(state: State, fault: Kind | null): Kind | null {
  if (fault !== null) state.struck[fault] = (state.struck[fault] ?? 0) + 1;
  return fault;
}

function takeQueued<Kind extends Fault>(state: State, platform: Platform, kinds: readonly Kind[]): Kind | null {
  for (const [index, entry] of state.queued.entries()) {
    const kind = kinds.find((candidate) => candidate === entry.fault);
    if (entry.platform !== platform || kind === undefined) continue;
    state.queued.splice(index, 1);
    return kind;
  }
  return null;
}

function drawRate<Kind extends Fault>(state: State, platform: Platform, kinds: readonly Kind[]): Kind | null {
  for (const kind of kinds) {
    const rate = state.rates.get(`${platform}/${kind}`);
    if (rate !== undefined && state.random.percent(rate.percent)) return kind;
  }
  return null;
}
