import { lateError } from './late-error.ts';
import { thisMachine } from './machine.ts';
import { afterQuiet, inSeconds, startStopwatch } from './stopwatch.ts';

// Read at import: a test may replace them with its own clock.
const { setTimeout, setImmediate } = globalThis;

/** How long tests wait for one thing, in the time of a quiet machine. */
const waitMsMax = 20_000;

export interface WaitOptions {
  /** In the time of a quiet machine. */
  readonly withinMs?: number;
  /** The progress so far, for the message of a time-out. */
  readonly progress?: () => string;
}

/**
 * Waits for a promise. If it does not settle in time, the error says what was awaited and how far it came; so does the
 * error of a test that ends meanwhile.
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

/** Repeats the check until it no longer throws, for changes that no event announces. */
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

/** Waits for a condition that other work on this event loop fulfils; it is checked at every turn of the loop. */
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

/** The source text of a condition, in one line. */
export function sourceOf(condition: (...given: never[]) => unknown): string {
  const source = condition.toString().replaceAll(/\s+/g, ' ');
  return source.length > 160 ? `${source.slice(0, 160)}…` : source;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
