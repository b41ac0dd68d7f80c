import { lateError } from './late-error.ts';
import { thisMachine } from './machine.ts';
import { afterQuiet, inSeconds, startStopwatch } from './stopwatch.ts';

// Taken at once: a test may replace them by a clock of its own.
const { setTimeout, setImmediate } = globalThis;

/** How long tests wait for one thing on a quiet machine. */
const waitMsMax = 20_000;

export interface WaitOptions {
  /** On a quiet machine. */
  readonly withinMs?: number;
  /** How far it came, for the message of a time-out. */
  readonly progress?: () => string;
}

/**
 * Waits for a promise. When it does not settle in time, the error says what was waited for and how far it came; so does
 * the error of a test that ends meanwhile.
 */
export async function waitFor<Result>(
  what: string,
  promise: Promise<Result>,
  { withinMs = waitMsMax, progress = () => 'nothing came' }: WaitOptions = {},
): Promise<Result> {
  const watch = startStopwatch();
  const { waits } = thisMachine();
  const begunAt = new Error('begun here');
  const wait = { says: () => `waited ${watch.says()} for ${what}: ${progress()}` };
  const over = Promise.withResolvers<never>();
  const cancel = afterQuiet(withinMs, watch, () => over.reject(lateError(wait.says(), begunAt)));
  waits.add(wait);
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    waits.delete(wait);
    cancel();
  }
}

/** Looks again and again until the check stops throwing, for what announces itself by no event. */
export function eventually<Result>(check: () => Promise<Result>, withinMs = waitMsMax): Promise<Result> {
  let isOver = false;
  let looks = 0;
  let problem: unknown = null;
  let unchanged = startStopwatch();

  async function look(): Promise<Result> {
    for (;;) {
      looks += 1;
      try {
        return await check();
      } catch (error) {
        if (wordsOf(error) !== wordsOf(problem)) unchanged = startStopwatch();
        problem = error;
      }
      if (isOver) throw problem;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const progress = (): string =>
    problem === null
      ? `look ${looks} has no answer`
      : `looked ${looks} times, the same for ${inSeconds(unchanged.wallMs())}: ${wordsOf(problem)}`;
  return waitFor('a check to hold', look(), { withinMs, progress }).finally(() => {
    isOver = true;
  });
}

/** Waits for a condition that other work on this event loop brings about; it looks at every turn of the loop. */
export async function until(isMet: () => boolean, withinMs = 5_000): Promise<void> {
  let isOver = false;
  let turns = 0;
  const look = async (): Promise<void> => {
    for (; !isMet() && !isOver; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const progress = (): string => `not met in ${turns} turns of the event loop`;
  try {
    await waitFor(sourceOf(isMet), look(), { withinMs, progress });
  } finally {
    isOver = true;
  }
}

/** A condition as it is written, in one line. */
export function sourceOf(condition: (...given: never[]) => unknown): string {
  const source = condition.toString().replaceAll(/\s+/g, ' ');
  return source.length > 160 ? `${source.slice(0, 160)}…` : source;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
