import { monotonicMs } from '@crossdesk/service-kit';
import { LRUCache } from 'lru-cache';

export type Charge = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };

export interface Budget {
  readonly perMinuteMax: number;
  /** Takes units from the key's remaining budget of this minute, or takes nothing if that is not enough. */
  charge(key: string, units: number): Charge;
}

const windowMs = 60_000;
/** Beyond this the key used least recently is forgotten, so an attacker with many addresses costs no more memory. */
const keysMax = 50_000;

/** Units per key and minute, kept in this process. */
export function createBudget(perMinuteMax: number): Budget {
  const windows = new LRUCache<string, { endsAt: number; spent: number }>({ max: keysMax });
  return {
    perMinuteMax,
    charge(key, units) {
      const now = monotonicMs();
      let window = windows.get(key);
      if (window === undefined || window.endsAt <= now) {
        window = { endsAt: now + windowMs, spent: 0 };
        windows.set(key, window);
      }
      if (window.spent + units > perMinuteMax) {
        return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil((window.endsAt - now) / 1_000)) };
      }
      window.spent += units;
      return { ok: true };
    },
  };
}
