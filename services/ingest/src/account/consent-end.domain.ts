import type { Capabilities } from '@crossdesk/channels';

const dayMs = 86_400_000;

/** When the consent of a seller ends. */
export interface KnownEnd {
  readonly endsAt: Date;
  /** The platform did not tell it: it is counted from the consent. */
  readonly isAssumed: boolean;
}

/** The end of a consent, and which warning of it was given last, in days ahead. */
export interface ConsentEnd extends KnownEnd {
  readonly warnedDays: number | null;
}

/** The end of a consent that is given now; null if it has none, or nobody knows it. */
export function endOfNewConsent(
  told: Date | null,
  { authorisationDays }: Pick<Capabilities, 'authorisationDays'>,
  now: Date,
): KnownEnd | null {
  if (told !== null) return { endsAt: told, isAssumed: false };
  if (authorisationDays === null) return null;
  return { endsAt: new Date(now.getTime() + authorisationDays * dayMs), isAssumed: true };
}

/**
 * The end after the platform said that it comes at this time at the latest; null when that is not news. Such a report may
 * name the limit of a search that moves from day to day, so it never makes an end later.
 */
export function earlierEnd(known: KnownEnd | null, endsBy: Date): KnownEnd | null {
  return known !== null && known.endsAt <= endsBy ? null : { endsAt: endsBy, isAssumed: false };
}

/** Whether the warnings of the known end mean nothing any more: the consent ends at least a day later, or has no end. */
export function isWithdrawn(known: ConsentEnd, next: KnownEnd | null): boolean {
  return known.warnedDays !== null && (next === null || next.endsAt.getTime() - known.endsAt.getTime() >= dayMs);
}

/** The warning to give now, in days ahead. Several that are due at once are one: the nearest. Null when none is due. */
export function dueWarning({ endsAt, warnedDays }: ConsentEnd, warnDays: readonly number[], now: Date): number | null {
  const due = warnDays.filter((days) => isOpen(days, warnedDays) && warnedAt(endsAt, days) <= now);
  return due.length === 0 ? null : Math.min(...due);
}

/** When the next warning is to be given; null when all of them were. */
export function nextWarningAt({ endsAt, warnedDays }: ConsentEnd, warnDays: readonly number[]): Date | null {
  const open = warnDays.filter((days) => isOpen(days, warnedDays));
  return open.length === 0 ? null : warnedAt(endsAt, Math.max(...open));
}

/** Whole days until the end, 0 on the last day and after it. */
export function daysUntil({ endsAt }: KnownEnd, now: Date): number {
  return Math.max(0, Math.floor((endsAt.getTime() - now.getTime()) / dayMs));
}

/** Whether the first warning of an end is due, so that somebody should act. */
export function isEnding({ endsAt }: KnownEnd, warnDays: readonly number[], now: Date): boolean {
  return warnDays.some((days) => warnedAt(endsAt, days) <= now);
}

/** Warnings further ahead than the last one that was given are over. */
function isOpen(days: number, warnedDays: number | null): boolean {
  return warnedDays === null || days < warnedDays;
}

function warnedAt(endsAt: Date, days: number): Date {
  return new Date(endsAt.getTime() - days * dayMs);
}
