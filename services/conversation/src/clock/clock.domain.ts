import { dueTime, type OpenTimes, type Pause } from '@crossdesk/business-time';
import { type CalendarId, newId, type SlaPolicyId } from '@crossdesk/contracts';
import type { Metric } from './policy.domain.ts';

/** A policy of the workspace, or the deadline of a platform beside it. */
export type ClockOrigin = 'policy' | 'platform';
export type Telling = 'warned' | 'breached' | 'met';

/** By what a clock runs. */
export interface Basis {
  /** Null: a deadline of the platform. */
  readonly policyId: SlaPolicyId | null;
  readonly policyVersion: number | null;
  /** Null: wall clock. */
  readonly calendarId: CalendarId | null;
  readonly calendarVersion: number | null;
  readonly budgetMinutes: number;
  readonly warnPercent: number;
}

export interface Clock extends Basis {
  readonly id: string;
  readonly origin: ClockOrigin;
  readonly metric: Metric;
  readonly cycle: number;
  readonly startedAt: Date;
  /** Times that do not count, in order. */
  readonly pauses: readonly Pause[];
  /** Null while it is paused. */
  readonly warnAt: Date | null;
  readonly dueAt: Date | null;
  readonly warnedAt: Date | null;
  /** Final. */
  readonly breachedAt: Date | null;
  readonly metAt: Date | null;
  /** It ended without an answer, or no policy measures it any more. */
  readonly cancelledAt: Date | null;
  /** What events have told of it. */
  readonly told: readonly Telling[];
}

/** A clock, as JSON has it. */
export type StoredClock = {
  readonly [Field in keyof Clock]: Clock[Field] extends Date
    ? string
    : Clock[Field] extends Date | null
      ? string | null
      : Field extends 'pauses'
        ? readonly { readonly from: string; readonly until: string | null }[]
        : Clock[Field];
};

/** What applies to a conversation now. */
export interface Standard {
  readonly origin: ClockOrigin;
  readonly times: OpenTimes;
  basisOf(metric: Metric): Basis | null;
}

/** What clocks ask about a conversation. */
export interface ClockSubject {
  readonly phase: 'open' | 'snoozed' | 'closed' | 'merged';
  readonly cycle: number;
  readonly waitingSince: Date | null;
}

/** One step of a conversation. */
export interface ClockStep {
  readonly after: ClockSubject;
  /** When a person answered in this step. */
  readonly answeredAt: Date | null;
  /** An answer did not reach the buyer. */
  readonly isTakenBack: boolean;
}

/** Older questions are history that a connected store brings along. */
const startsWithinMs = 72 * 3_600_000;
const responses: readonly Metric[] = ['first-response', 'next-response'];

/** The clocks of a conversation after one step of it. */
export function followStep(
  before: readonly Clock[],
  step: ClockStep,
  standards: readonly Standard[],
  now: Date,
): Clock[] {
  const { after } = step;
  const present = before.filter((clock) => clock.cycle === after.cycle || untold(clock).length > 0);
  const isOwed = after.waitingSince !== null && (after.phase === 'open' || after.phase === 'snoozed');
  const moved = present.map((clock) => (isRunning(clock) ? moveClock(clock, step, isOwed, now) : clock));
  const resumed = step.isTakenBack && isOwed ? takeBack(moved) : moved;
  const all = isOwed ? [...resumed, ...startMissing(resumed, step, standards, now)] : resumed;
  return byPresentStandards(all, standards, now);
}

/** A clock that runs, after a step. */
function moveClock(clock: Clock, { after, answeredAt }: ClockStep, isOwed: boolean, now: Date): Clock {
  const { waitingSince, phase } = after;
  if (phase === 'merged' || clock.cycle !== after.cycle) return { ...clock, cancelledAt: now };
  if (clock.metric === 'resolution') {
    if (phase === 'closed') return met(clock, now);
    return isOwed ? resumed(clock, waitingSince ?? now) : paused(clock, now);
  }
  if (!isOwed) return answeredAt === null ? { ...clock, cancelledAt: now } : met(clock, answeredAt);
  // An older message of the buyer came late.
  return waitingSince !== null && waitingSince < clock.startedAt ? { ...clock, startedAt: waitingSince } : clock;
}

/** An answer after the due time is late, also if nobody has noticed yet that the time was over. */
function met(clock: Clock, at: Date): Clock {
  const metAt = at < clock.startedAt ? clock.startedAt : at;
  return { ...late(clock, metAt), metAt };
}

function late(clock: Clock, now: Date): Clock {
  const isLate = clock.breachedAt === null && clock.dueAt !== null && clock.dueAt < now;
  return isLate ? { ...clock, breachedAt: clock.dueAt } : clock;
}

function paused(clock: Clock, now: Date): Clock {
  if (clock.pauses.at(-1)?.until === null) return clock;
  return { ...clock, pauses: [...clock.pauses, { from: now, until: null }] };
}

function resumed(clock: Clock, at: Date): Clock {
  const last = clock.pauses.at(-1);
  if (last === undefined || last.until !== null) return clock;
  const until = at < last.from ? last.from : at;
  return { ...clock, pauses: [...clock.pauses.slice(0, -1), { from: last.from, until }] };
}

/** The clocks that an answer had met, which did not reach the buyer, run on. */
function takeBack(clocks: readonly Clock[]): Clock[] {
  const isLast = (clock: Clock) =>
    clocks.findLast((one) => one.origin === clock.origin && responses.includes(one.metric)) === clock;
  return clocks.map((clock) =>
    clock.metAt !== null && isLast(clock)
      ? { ...clock, metAt: null, told: clock.told.filter((one) => one !== 'met') }
      : clock,
  );
}

function startMissing(
  clocks: readonly Clock[],
  { after: { waitingSince, cycle } }: ClockStep,
  standards: readonly Standard[],
  now: Date,
): Clock[] {
  if (waitingSince === null || now.getTime() - waitingSince.getTime() > startsWithinMs) return [];
  return standards.flatMap((standard) => {
    const own = clocks.filter((clock) => clock.origin === standard.origin && clock.cycle === cycle);
    const started = (metric: Metric): Clock[] => {
      const basis = standard.basisOf(metric);
      return basis === null ? [] : [newClock(standard.origin, metric, cycle, waitingSince, basis)];
    };
    const hasResolution = own.some(({ metric }) => metric === 'resolution');
    const isAnswering = own.some((clock) => responses.includes(clock.metric) && isRunning(clock));
    return [
      ...(isAnswering ? [] : started(nextResponse(own, standard))),
      ...(hasResolution ? [] : started('resolution')),
    ];
  });
}

/** The first answer of a cycle has a time of its own, if the policy gives it one. */
function nextResponse(own: readonly Clock[], standard: Standard): Metric {
  const wasAnswered = own.some(({ metric, metAt }) => metric === 'first-response' && metAt !== null);
  return wasAnswered || standard.basisOf('first-response') === null ? 'next-response' : 'first-response';
}

function newClock(origin: ClockOrigin, metric: Metric, cycle: number, startedAt: Date, basis: Basis): Clock {
  return {
    ...basis,
    ...{ id: newId(), origin, metric, cycle, startedAt, pauses: [], warnAt: null, dueAt: null },
    ...{ warnedAt: null, breachedAt: null, metAt: null, cancelledAt: null, told: [] },
  };
}

/**
 * Computes the clocks that run anew, from their start and pauses, by what applies now. A breach stays, with the policy
 * that it broke. Of the clocks that ended, those stay that are the last of their kind, or have something to be told.
 */
function byPresentStandards(clocks: readonly Clock[], standards: readonly Standard[], now: Date): Clock[] {
  const isLast = (clock: Clock) =>
    clocks.findLast((one) => one.origin === clock.origin && one.metric === clock.metric) === clock;
  return clocks
    .filter((clock) => isRunning(clock) || isLast(clock) || untold(clock).length > 0)
    .map((clock) => {
      if (!isRunning(clock) || clock.breachedAt !== null) return clock;
      const standard = standards.find(({ origin }) => origin === clock.origin);
      const basis = standard?.basisOf(clock.metric) ?? null;
      if (standard === undefined || basis === null) return { ...clock, cancelledAt: now };
      return { ...clock, ...basis, ...timesBy(standard.times, clock, basis) };
    });
}

function timesBy(times: OpenTimes, clock: Clock, { budgetMinutes, warnPercent }: Basis) {
  const budgetMs = budgetMinutes * 60_000;
  return {
    warnAt: dueTime(times, clock, Math.round((budgetMs * warnPercent) / 100)),
    dueAt: dueTime(times, clock, budgetMs),
  };
}

/** The clocks once it is so late: those whose time is over are breached, others may warn. */
export function passTime(clocks: readonly Clock[], now: Date): Clock[] {
  return clocks.map((clock) => {
    if (!isRunning(clock) || clock.breachedAt !== null) return clock;
    if (clock.dueAt !== null && clock.dueAt <= now) return { ...clock, breachedAt: clock.dueAt };
    const isWarning = clock.warnedAt === null && clock.warnAt !== null && clock.warnAt <= now;
    return isWarning ? { ...clock, warnedAt: now } : clock;
  });
}

export function isRunning({ metAt, cancelledAt }: Clock): boolean {
  return metAt === null && cancelledAt === null;
}

/** What no event has told yet. Who hears of a breach needs no warning any more. */
export function untold({ warnedAt, breachedAt, metAt, told }: Clock): Telling[] {
  const isDue: Readonly<Record<Telling, boolean>> = {
    warned: warnedAt !== null && breachedAt === null && metAt === null,
    breached: breachedAt !== null,
    met: metAt !== null && breachedAt === null,
  };
  return (['warned', 'breached', 'met'] as const).filter((one) => isDue[one] && !told.includes(one));
}

/** When the clocks have to be looked at next; null: never, unless something changes. */
export function nextLook(clocks: readonly Clock[], now: Date): Date | null {
  if (clocks.some((clock) => untold(clock).length > 0)) return now;
  const times = clocks
    .filter((clock) => isRunning(clock) && clock.breachedAt === null)
    .flatMap(({ warnedAt, warnAt, dueAt }) => (warnedAt === null ? warnAt : dueAt) ?? []);
  return earliest(times);
}

/** When the first answer that is owed is due; it may be over. */
export function responseDue(clocks: readonly Clock[]): Date | null {
  return earliest(runningResponses(clocks).flatMap(({ dueAt }) => dueAt ?? []));
}

/** Since when an answer is overdue; null if none is. */
export function overdueSince(clocks: readonly Clock[]): Date | null {
  return earliest(runningResponses(clocks).flatMap(({ breachedAt }) => breachedAt ?? []));
}

function runningResponses(clocks: readonly Clock[]): Clock[] {
  return clocks.filter((clock) => responses.includes(clock.metric) && isRunning(clock));
}

function earliest(times: readonly Date[]): Date | null {
  return times.reduce<Date | null>((first, time) => (first === null || time < first ? time : first), null);
}
