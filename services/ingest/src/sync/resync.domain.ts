import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';

const dayMs = 86_400_000;
/** Further back platforms list nothing that matters, and one page costs as much as a new one. */
const daysMax = 365;

/** What is read again: from a time up to another. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** The span that a person asks for; without an end it is now. */
export function chooseSpan(from: Date, to: Date | null, now: Date): Decision<Span, 'INVALID_INPUT'> {
  const span = { from, to: to ?? now };
  if (span.from < span.to && span.to <= now && now.getTime() - from.getTime() <= daysMax * dayMs) return accept(span);
  const message = `from must be before to, neither may lie in the future, and from at most ${daysMax} days ago.`;
  return refuse('INVALID_INPUT', 'from', message);
}

/** Pushes that were lost show an outage, in which others were lost, too: a list may not have them yet. */
const gapMarginMs = 3_600_000;

/** What is read again because of messages that no push brought; null if a running job reads it. */
export function spanOfGap(gap: Span, running: readonly Span[], now: Date): Span | null {
  const from = new Date(gap.from.getTime() - gapMarginMs);
  return running.some((span) => span.from <= from && span.to >= gap.to) ? null : { from, to: now };
}

const failuresMax = 8;
const firstPauseMs = 60_000;
const longestPauseMs = 3_600_000;

/** The pause after so many failures in a row; null: give up. */
export function pauseAfter(failures: number): number | null {
  return failures >= failuresMax ? null : Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
}
