/** What time it is. May be set back or forth while the process runs: for instants, never for how long ago something was. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** Milliseconds since some moment, on a clock that nobody sets: only differences mean something. */
export type MonotonicMs = () => number;

export const monotonicMs: MonotonicMs = () => performance.now();
