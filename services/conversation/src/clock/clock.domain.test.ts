import { openTimesOf, wallClock } from '@crossdesk/business-time';
import type { CalendarId, SlaPolicyId } from '@crossdesk/contracts';
import { newId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import {
  type Clock,
  type ClockStep,
  type ClockSubject,
  followStep,
  nextLook,
  overdueSince,
  passTime,
  responseDue,
  type Standard,
  untold,
} from './clock.domain.ts';
import type { Metric } from './policy.domain.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 11, 7, 9, minute));

/** A policy by wall clock, with minutes for each metric. */
function standard(minutes: Partial<Record<Metric, number>>, version = 1, times = wallClock): Standard {
  const policyId = '0199d3a2-7c1e-7001-9a4b-3f20c6d10001' as SlaPolicyId;
  return {
    origin: 'policy',
    times,
    basisOf: (metric) => {
      const budgetMinutes = minutes[metric];
      const calendar = { calendarId: newId<CalendarId>(), calendarVersion: 1 };
      return budgetMinutes === undefined
        ? null
        : { policyId, policyVersion: version, ...calendar, budgetMinutes, warnPercent: 75 };
    },
  };
}

interface Happening extends Partial<ClockSubject> {
  /** A person answers. */
  readonly answers?: boolean;
  readonly isTakenBack?: boolean;
  readonly by?: Standard;
}

const usual = standard({ 'first-response': 40, 'next-response': 20, resolution: 100 });

/** The timer looks, and tells what there is to be told. */
function look(clocks: readonly Clock[], now: Date): Clock[] {
  return passTime(clocks, now).map((clock) => ({ ...clock, told: [...clock.told, ...untold(clock)] }));
}

/** Lets things happen, each at a minute: time passes until then as the timer lets it pass. */
function after(happenings: readonly (readonly [number, Happening])[], until: number): Clock[] {
  let clocks: Clock[] = [];
  let subject: ClockSubject = { phase: 'open', cycle: 1, waitingSince: null };
  for (const [minute, { answers = false, isTakenBack = false, by = usual, ...changes }] of happenings) {
    clocks = look(clocks, at(minute));
    subject = { ...subject, ...changes };
    const step: ClockStep = { after: subject, answeredAt: answers ? at(minute) : null, isTakenBack };
    clocks = followStep(clocks, step, [by], at(minute));
  }
  return look(clocks, at(until));
}

/** For each metric: since when, until when, and what became of it, in minutes. */
function shown(clocks: readonly Clock[]) {
  const minute = (time: Date | null) => (time === null ? null : (time.getTime() - at(0).getTime()) / 60_000);
  return clocks.map((clock) => {
    const { metric, startedAt, dueAt, breachedAt, metAt, cancelledAt } = clock;
    const end = metAt === null ? (cancelledAt === null ? 'runs' : 'cancelled') : `met ${minute(metAt)}`;
    const late = breachedAt === null ? '' : `, breached ${minute(breachedAt)}`;
    return `${metric} ${minute(startedAt)}-${minute(dueAt)}: ${end}${late}`;
  });
}

const asks = (minute: number) => [minute, { waitingSince: at(minute) }] as const;
const answer = (minute: number) => [minute, { waitingSince: null, answers: true }] as const;

test.each<[string, (readonly [number, Happening])[], number, string[]]>([
  [
    'the first question has its own time, the next the time of the next',
    [asks(0), answer(10), asks(30)],
    31,
    ['first-response 0-40: met 10', 'resolution 0-120: runs', 'next-response 30-50: runs'],
  ],
  [
    'a breach comes at the due time, once, also if the answer is seen before the timer looks',
    [asks(0), answer(50)],
    90,
    ['first-response 0-40: met 50, breached 40', 'resolution 0-null: runs'],
  ],
  [
    'what is settled without an answer is cancelled, and the next question is again the first',
    [asks(0), [10, { waitingSince: null }], asks(20)],
    21,
    ['resolution 0-110: runs', 'first-response 20-60: runs'],
  ],
  [
    'a close meets the resolution, counted without the time in which the buyer was awaited',
    [asks(0), answer(10), asks(70), answer(80), [90, { phase: 'closed' }]],
    90,
    ['first-response 0-40: met 10', 'resolution 0-null: met 90', 'next-response 70-90: met 80'],
  ],
  [
    'a close without an answer cancels the response',
    [asks(0), [10, { phase: 'closed', waitingSince: null }]],
    90,
    ['first-response 0-40: cancelled', 'resolution 0-100: met 10'],
  ],
  [
    'a snooze stops no response',
    [asks(0), [10, { phase: 'snoozed' }]],
    41,
    ['first-response 0-40: runs, breached 40', 'resolution 0-100: runs'],
  ],
  [
    'an answer that did not arrive takes "met" back: the clock has run all the time',
    [asks(0), answer(10), [45, { waitingSince: at(0), isTakenBack: true }]],
    46,
    ['first-response 0-40: runs, breached 40', 'resolution 0-100: runs'],
  ],
  [
    'a reopened conversation has new clocks',
    [asks(0), answer(10), [20, { phase: 'closed' }], [200, { phase: 'open', cycle: 2, waitingSince: at(200) }]],
    201,
    ['first-response 200-240: runs', 'resolution 200-300: runs'],
  ],
  ['history starts no clock', [[73 * 60, { waitingSince: at(0) }]], 73 * 60, []],
  [
    'another policy recomputes from the start',
    [asks(0), [10, { by: standard({ 'first-response': 15, resolution: 30 }, 2) }]],
    20,
    ['first-response 0-15: runs, breached 15', 'resolution 0-30: runs'],
  ],
  [
    'a breach is final, whatever the policy says later',
    [asks(0), [50, { by: standard({ 'first-response': 600, resolution: 600 }, 2) }]],
    51,
    ['first-response 0-40: runs, breached 40', 'resolution 0-600: runs'],
  ],
  [
    'a policy that measures nothing any more cancels',
    [asks(0), [10, { by: standard({ resolution: 100 }, 2) }]],
    90,
    ['first-response 0-40: cancelled', 'resolution 0-100: runs'],
  ],
  [
    'without a time for the first response, the next one measures it',
    [[0, { waitingSince: at(0), by: standard({ 'next-response': 20 }) }]],
    1,
    ['next-response 0-20: runs'],
  ],
])('%s', (_, happenings, until, expected) => {
  expect(shown(after(happenings, until)).toSorted()).toEqual(expected.toSorted());
});

test('it warns at the share of open time, then looks at the due time; who hears of a breach needs no warning', () => {
  const hours = {
    zone: 'UTC',
    weekly: [
      { weekday: 1, fromMin: 540, toMin: 570 },
      { weekday: 2, fromMin: 540, toMin: 1_020 },
    ],
    exceptions: [],
  };
  const by = standard({ 'first-response': 40 }, 1, openTimesOf(hours));
  const started = after([[0, { waitingSince: at(0), by }]], 0);
  const nextDay = (minute: number) => at(1_440 + minute);
  expect([nextLook(started, at(0)), responseDue(started)]).toEqual([at(30), nextDay(10)]);
  const warned = passTime(started, at(30));
  expect(warned.map(untold)).toEqual([['warned']]);
  const told = warned.map((clock) => ({ ...clock, told: ['warned' as const] }));
  expect([nextLook(told, at(31)), overdueSince(told)]).toEqual([nextDay(10), null]);
  const breached = passTime(told, nextDay(10));
  expect([breached.map(untold), overdueSince(breached)]).toEqual([[['breached']], nextDay(10)]);
  expect(passTime(started, nextDay(11)).map(untold)).toEqual([['breached']]);
});
