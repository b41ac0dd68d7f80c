import type { OpenTimes } from './open-times.ts';

/** A time that does not count. Null: it has not ended. */
export interface Pause {
  readonly from: Date;
  readonly until: Date | null;
}

/** A clock that was started, with its pauses in order and apart. */
export interface Started {
  readonly startedAt: Date;
  readonly pauses: readonly Pause[];
}

/** When the budget of open time is used up; null while a pause that began before has not ended. */
export function dueTime(times: OpenTimes, { startedAt, pauses }: Started, budgetMs: number): Date | null {
  let from = startedAt;
  let left = budgetMs;
  for (const pause of pauses) {
    const open = times.openMs(from, pause.from);
    if (left <= open) return times.after(from, left);
    if (pause.until === null) return null;
    left -= open;
    from = later(from, pause.until);
  }
  return times.after(from, left);
}

/** The open time that a clock has used until an instant. */
export function usedMs(times: OpenTimes, { startedAt, pauses }: Started, until: Date): number {
  let from = startedAt;
  let used = 0;
  for (const pause of pauses) {
    used += times.openMs(from, earlier(pause.from, until));
    if (pause.until === null) return used;
    from = later(from, pause.until);
  }
  return used + times.openMs(from, until);
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}
