import { answerJson, field, integer, text } from './platform-json.ts';

/**
 * The position in a list that changes while it is read. A run reads everything that changed within a window of time,
 * page by page, and the next run begins a little before the end of this window.
 */
export interface Run {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** The platform's own position within the run; "" at its start. */
  readonly next: string;
  readonly pages: number;
}

export interface RunLimits {
  /** How far the first run looks back. */
  readonly firstLookBackMs: number;
  /** The longest window that the platform accepts; null = any. */
  readonly windowMsMax: number | null;
  /** After this many pages the poll pauses. It keeps its position, so nothing is left out. */
  readonly pagesMax: number;
}

/** The next run finds the entries that move while a list is read. */
const overlapMs = 600_000;

/** Reads a cursor of `continueRun`; "" or an unreadable cursor begins the first run. */
export function readRun(cursor: string, now: Date, { firstLookBackMs, windowMsMax }: RunLimits): Run {
  const stored = answerJson(cursor);
  const sinceMs = integer(field(stored, 'sinceMs')) ?? now.getTime() - firstLookBackMs;
  const untilMs = windowMsMax === null ? now.getTime() : Math.min(now.getTime(), sinceMs + windowMsMax);
  return {
    sinceMs,
    untilMs: integer(field(stored, 'untilMs')) ?? untilMs,
    next: text(field(stored, 'next')) ?? '',
    pages: integer(field(stored, 'pages')) ?? 0,
  };
}

/** The cursor after a page. `next` is the position of the next page; "" or an unchanged position ends the run. */
export function continueRun(
  run: Run,
  next: string,
  now: Date,
  { pagesMax }: RunLimits,
): { readonly cursor: string; readonly hasMore: boolean } {
  const pages = run.pages + 1;
  const isAtCap = pages >= pagesMax;
  const kept = isAtCap ? 0 : pages;
  if (next !== '' && next !== run.next) {
    return { cursor: JSON.stringify({ ...run, next, pages: kept }), hasMore: !isAtCap };
  }
  // A window that ends in the past is followed by the next one.
  const hasMore = run.untilMs < now.getTime() - overlapMs && !isAtCap;
  const begun = { sinceMs: run.untilMs - overlapMs };
  return { cursor: JSON.stringify(hasMore ? { ...begun, pages: kept } : begun), hasMore };
}

/** The cursor with which a list begins at an instant. */
export function cursorSince(since: Date): string {
  return JSON.stringify({ sinceMs: since.getTime() });
}

/** Whether everything up to an instant was read when a list came to this cursor. */
export function hasReached(cursor: string, until: Date): boolean {
  const stored = answerJson(cursor);
  const sinceMs = integer(field(stored, 'sinceMs'));
  const isBetweenPages = (text(field(stored, 'next')) ?? '') !== '';
  return sinceMs !== null && !isBetweenPages && sinceMs + overlapMs >= until.getTime();
}
