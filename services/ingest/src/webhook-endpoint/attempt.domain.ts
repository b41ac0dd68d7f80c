/** The answer of a receiver to one call. */
export interface Answer {
  /** Null when there was none. */
  readonly status: number | null;
  /** Why it does not count as taken; null when it does. */
  readonly error: string | null;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** The pause after each failed attempt; the last one repeats. */
const pausesMs = [
  ...[5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute],
  ...[hour, 2 * hour, 4 * hour, 8 * hour, 12 * hour],
];
const pauseMsMax = 12 * hour;
/** So that receivers that were away are not called by all at the same moment. */
const spread = 0.2;
export const triedForMs = 72 * hour;
export const failuresUntilOpen = 20;
const probeAfterMsMax = hour;

export function isTaken({ error }: Answer): boolean {
  return error === null;
}

/** The receiver wants nothing more. */
export function isGone({ status }: Answer): boolean {
  return status === 410;
}

/** An answer that counts as taken is 2xx; redirects are not followed. */
export function answerOf(status: number): Answer {
  return { status, error: status >= 200 && status < 300 ? null : `the receiver answered HTTP ${status}` };
}

export interface Attempted {
  /** How often it has been tried, this time included. */
  readonly attempts: number;
  readonly pendingSince: Date;
}

/**
 * When a delivery that was not taken is tried again; null when it is given up. The last attempt is at the end of the time, so
 * that a receiver may be away for all of it. `chance` is between 0 and 1.
 */
export function nextAttemptAt({ attempts, pendingSince }: Attempted, now: Date, chance: number): Date | null {
  const endMs = pendingSince.getTime() + triedForMs;
  if (now.getTime() >= endMs) return null;
  const pauseMs = pausesMs[attempts - 1] ?? pauseMsMax;
  const nextMs = now.getTime() + Math.round(pauseMs * (1 + spread * (2 * chance - 1)));
  return new Date(Math.min(nextMs, endMs));
}

export interface Circuit {
  readonly failuresInRow: number;
  /** Set while it is open: when one call may try. */
  readonly probeAt: Date | null;
}

/** After many failures in a row nothing is sent but one probe, at longer and longer intervals up to an hour. */
export function circuitAfter({ failuresInRow }: Circuit, answer: Answer, now: Date): Circuit {
  if (isTaken(answer)) return { failuresInRow: 0, probeAt: null };
  const failures = failuresInRow + 1;
  if (failures < failuresUntilOpen) return { failuresInRow: failures, probeAt: null };
  const probeAfterMs = Math.min(minute * 2 ** Math.min(failures - failuresUntilOpen, 10), probeAfterMsMax);
  return { failuresInRow: failures, probeAt: new Date(now.getTime() + probeAfterMs) };
}
