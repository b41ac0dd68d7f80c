import { attributions, dividers, forwards, labels } from './email.quote.data.ts';

/** The words of a mail: those that are new, and the mails that it repeats. */
export interface SplitWords {
  readonly fresh: string;
  /** Null when the mail repeats nothing. */
  readonly quoted: string | null;
}

/** Longer mails are shown as they are: whoever writes this much has not only quoted. */
const linesMax = 5_000;
/** A line that is longer than this is no attribution. */
const lineCharactersMax = 400;

/**
 * Tells the answer from the mail that it repeats. Nothing is lost: what is taken for quoted is kept beside the rest. In doubt all is new, as
 * with answers between quoted lines. A mail that is passed on is not cut.
 */
export function splitQuoted(words: string, isForward: boolean): SplitWords {
  const whole = words.replaceAll(/\r\n?/g, '\n').trim();
  const lines = whole.split('\n');
  if (isForward || lines.length > linesMax) return { fresh: whole, quoted: null };
  const start = quoteStart(lines);
  const fresh = start === null ? '' : joined(lines.slice(0, start));
  if (start !== null && fresh !== '') return { fresh, quoted: joined(lines.slice(start)) };
  return answerBelow(lines) ?? { fresh: whole, quoted: null };
}

function joined(lines: readonly string[]): string {
  return lines.join('\n').trim();
}

/** The line where the repeated mail begins and goes on to the end; null when there is none. */
function quoteStart(lines: readonly string[]): number | null {
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    if (isOneOf(forwards, trimmed)) return null;
    if (isOneOf(dividers, trimmed)) return index;
    if (isHeaderBlock(lines, index)) return withRule(lines, index);
    if (isAttribution(lines, index) && !hasAnswersBetween(lines.slice(index + 1))) return index;
    if (isMarked(line) && lines.slice(index).every((rest) => isMarked(rest) || rest.trim() === '')) return index;
  }
  return null;
}

function isOneOf(patterns: readonly RegExp[], line: string): boolean {
  return line.length <= lineCharactersMax && patterns.some((pattern) => pattern.test(line));
}

function isMarked(line: string): boolean {
  return /^\s{0,3}>/.test(line);
}

/** Outlook draws a line above its header block. */
function withRule(lines: readonly string[], index: number): number {
  const above = lines.slice(0, index).findLastIndex((line) => line.trim() !== '');
  return /^[_-]{5,}$/.test(lines[above]?.trim() ?? '') ? above : index;
}

/** Programs break a long attribution over up to three lines. A line before one is none: it is what somebody wrote. */
function isAttribution(lines: readonly string[], index: number): boolean {
  const next = lines.slice(index, index + 3).map((line) => line.trim());
  const end = next.findIndex((line) => line === '' || isMarked(line));
  const block = end === -1 ? next : next.slice(0, end);
  const reads = (from: number, to: number) => from < to && isOneOf(attributions, block.slice(from, to).join(' '));
  return block.some((_, at) => reads(0, at + 1) && !reads(1, at + 1) && !reads(2, at + 1));
}

/** "From:", then within the next lines when it was sent, and to whom or about what. */
function isHeaderBlock(lines: readonly string[], index: number): boolean {
  if (!labels.from.test(lines[index] ?? '')) return false;
  const next = lines.slice(index + 1, index + 8);
  return next.some((line) => labels.sent.test(line)) && next.some((line) => labels.rest.test(line));
}

/** Whether somebody wrote between or below the quoted lines. */
function hasAnswersBetween(lines: readonly string[]): boolean {
  const first = lines.findIndex(isMarked);
  return first !== -1 && lines.slice(first).some((line) => line.trim() !== '' && !isMarked(line));
}

/** An answer below the one mail that it repeats; null when the mail is not of this form. */
function answerBelow(lines: readonly string[]): SplitWords | null {
  const last = lines.findLastIndex(isMarked);
  const fresh = last === -1 ? '' : joined(lines.slice(last + 1));
  if (fresh === '') return null;
  const before = lines.slice(0, last).filter((line) => line.trim() !== '' && !isMarked(line));
  return before.length === 0 || isAttribution([before.join(' ')], 0)
    ? { fresh, quoted: joined(lines.slice(0, last + 1)) }
    : null;
}
