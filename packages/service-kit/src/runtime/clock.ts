/** The wall clock. It may be set back or forth while the process runs: use it for instants, never for durations. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** Milliseconds since an arbitrary moment, on a clock that nobody sets: only differences are meaningful. */
export type MonotonicMs = () => number;

export const monotonicMs: MonotonicMs = () => performance.now();
