/**
 * All choices of a simulation come from a tape of numbers. A run can be repeated with its tape, and made smaller with a part of
 * it. At its end the tape answers 0, and 0 is always the choice without trouble.
 */
export interface Tape {
  /** A number from 0 to below the bound. */
  take(below: number): number;
  /** True in that share of cases; false at the end of the tape. */
  percent(share: number): boolean;
  readonly isOver: boolean;
}

export function playTape(numbers: readonly number[]): Tape {
  let at = 0;
  const next = (): number => numbers[at++] ?? 0;
  return {
    take: (below) => next() % below,
    percent: (share) => {
      const drawn = next() % 100;
      return drawn !== 0 && drawn <= share;
    },
    get isOver() {
      return at >= numbers.length;
    },
  };
}

/** Things to do at their times. Time passes only when the next one is done. */
export interface Timeline {
  readonly nowMs: number;
  in(ms: number, act: () => void): void;
  /** Does the next thing; false when none is left. */
  step(): boolean;
}

export function startTimeline(): Timeline {
  let nowMs = 1_800_000_000_000;
  let order = 0;
  const coming: { atMs: number; order: number; act: () => void }[] = [];
  return {
    get nowMs() {
      return nowMs;
    },
    in: (ms, act) => {
      order += 1;
      const entry = { atMs: nowMs + ms, order, act };
      const behind = coming.findIndex((one) => one.atMs > entry.atMs);
      coming.splice(behind < 0 ? coming.length : behind, 0, entry);
    },
    step: () => {
      const entry = coming.shift();
      if (entry === undefined) return false;
      nowMs = entry.atMs;
      entry.act();
      return true;
    },
  };
}
