import type { Clock } from '@crossdesk/service-kit';
import type { EngineFailure } from './engine-error.domain.ts';

const failuresInRowMax = 5;
const pauseMs = 30_000;
/** How long an engine is left alone after a failure that the next call would have as well. */
const longPausesMs: Partial<Record<EngineFailure, number>> = {
  unauthorised: 300_000,
  'blocked-address': 300_000,
  quota: 3_600_000,
};

interface State {
  readonly failuresInRow: number;
  readonly pausedUntilMs: number;
}

/** Leaves an engine alone for a while: after five failures in a row, when it asks for it, or when its key is refused. */
export interface Breaker {
  /** Until when it is left alone; null: it may be asked. */
  pausedUntil(engine: string): Date | null;
  worked(engine: string): void;
  failed(engine: string, failure: EngineFailure, retryAfterMs: number | null): void;
}

export function createBreaker(clock: Clock): Breaker {
  const states = new Map<string, State>();
  const nowMs = () => clock.now().getTime();
  return {
    pausedUntil(engine) {
      const untilMs = states.get(engine)?.pausedUntilMs ?? 0;
      return untilMs > nowMs() ? new Date(untilMs) : null;
    },
    worked: (engine) => void states.delete(engine),
    failed(engine, failure, retryAfterMs) {
      // The text or its language was refused: the engine itself works.
      if (failure === 'language' || failure === 'request' || failure === 'declined') return;
      const failuresInRow = (states.get(engine)?.failuresInRow ?? 0) + 1;
      const own = retryAfterMs ?? longPausesMs[failure] ?? (failure === 'rate-limited' ? pauseMs : 0);
      const forMs = failuresInRow >= failuresInRowMax ? Math.max(pauseMs, own) : own;
      states.set(engine, { failuresInRow, pausedUntilMs: nowMs() + forMs });
    },
  };
}
