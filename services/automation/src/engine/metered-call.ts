import type { Logger } from '@crossdesk/service-kit';
import type { Breaker } from './breaker.ts';
import { type CallFailure, EngineError, type EngineFailure } from './engine-error.domain.ts';

export type Called<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: CallFailure };

/** What became of a call that was made. */
type Settled<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: EngineFailure };

interface Meter<Value> {
  /** The engine with the version of its settings: a new key gets a new chance. */
  readonly engine: string;
  /** Takes the most that the call may use off the budget. False: it is not left. */
  reserve(): Promise<boolean>;
  /** Ends the reservation; with what was used if the call worked, or with why it failed. */
  settle(result: Settled<Value>): Promise<void>;
}

/** One call within a budget: reserved before, settled after. An engine that failed before is left alone. */
export async function meteredCall<Value>(
  { breaker, log }: { readonly breaker: Breaker; readonly log: Logger },
  { engine, reserve, settle }: Meter<Value>,
  call: () => Promise<Value>,
): Promise<Called<Value>> {
  if (breaker.pausedUntil(engine) !== null) return { ok: false, failure: 'paused' };
  if (!(await reserve())) return { ok: false, failure: 'over-budget' };
  try {
    const value = await call();
    breaker.worked(engine);
    await settle({ ok: true, value });
    return { ok: true, value };
  } catch (error) {
    const failure = error instanceof EngineError ? error.failure : 'rubbish';
    await settle({ ok: false, failure });
    if (!(error instanceof EngineError)) throw error;
    breaker.failed(engine, failure, error.retryAfterMs);
    log.warn({ engine, failure }, 'an engine or a model gave nothing');
    return { ok: false, failure };
  }
}

/** Whether an engine may charge for a call that failed: for an answer that came too late or cannot be used. */
export function mayBeCharged(failure: EngineFailure): boolean {
  return failure === 'timeout' || failure === 'rubbish';
}
