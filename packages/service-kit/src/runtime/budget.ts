import { LRUCache } from 'lru-cache';
import { monotonicMs } from './clock.ts';

/** What a key has left of this minute. */
export interface Remainder {
  readonly left: number;
  readonly resetSeconds: number;
}

export interface Budget {
  readonly perMinuteMax: number;
  remainderOf(key: string): Remainder;
  /** Takes units from the key's remaining budget of this minute, or takes nothing if that is not enough. */
  charge(key: string, units: number): boolean;
  /** Takes units for what was done already, down to nothing left. */
  spend(key: string, units: number): void;
}

const windowMs = 60_000;
/** Beyond this the key used least recently is forgotten, so an attacker with many addresses costs no more memory. */
const keysMax = 50_000;

interface Window {
  readonly endsAt: number;
  spent: number;
}

/** Units per key and minute, kept in this process. */
export function createBudget(perMinuteMax: number): Budget {
  const windows = new LRUCache<string, Window>({ max: keysMax });

  function currentOf(key: string): Window {
    const now = monotonicMs();
    const known = windows.get(key);
    return known === undefined || known.endsAt <= now ? { endsAt: now + windowMs, spent: 0 } : known;
  }

  function spend(key: string, units: number): void {
    const window = currentOf(key);
    window.spent = Math.min(perMinuteMax, window.spent + units);
    windows.set(key, window);
  }

  return {
    perMinuteMax,
    remainderOf(key) {
      const { endsAt, spent } = currentOf(key);
      return { left: perMinuteMax - spent, resetSeconds: Math.max(1, Math.ceil((endsAt - monotonicMs()) / 1_000)) };
    },
    charge(key, units) {
      if (currentOf(key).spent + units > perMinuteMax) return false;
      spend(key, units);
      return true;
    },
    spend,
  };
}
