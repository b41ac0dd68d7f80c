import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Calendar, WeeklyInterval } from './calendar.ts';
import { dueTime, type Pause, usedMs } from './due-time.ts';
import { openTimesOf, wallClock } from './open-times.ts';

const minuteMs = 60_000;
const workdays = [1, 2, 3, 4, 5];
const everyDay = [...workdays, 6, 7];

function weekly(weekdays: readonly number[], ...hours: (readonly [number, number])[]): WeeklyInterval[] {
  return weekdays.flatMap((weekday) => hours.map(([from, to]) => ({ weekday, fromMin: from * 60, toMin: to * 60 })));
}

const shanghai: Calendar = { zone: 'Asia/Shanghai', weekly: weekly(workdays, [9, 12], [13.5, 18]), exceptions: [] };
const berlin: Calendar = { zone: 'Europe/Berlin', weekly: weekly(everyDay, [22, 30]), exceptions: [] };
const newYork: Calendar = {
  zone: 'America/New_York',
  weekly: weekly(workdays, [9, 17]),
  exceptions: [{ date: '2026-11-26', kind: 'closed', fromMin: 0, toMin: 1_440 }],
};
const calendars = { SH: shanghai, BN: berlin, NY: newYork, wall: null };

function timesOf(name: keyof typeof calendars) {
  const calendar = calendars[name];
  return calendar === null ? wallClock : openTimesOf(calendar);
}

test.each<[keyof typeof calendars, string, number, string, string]>([
  ['SH', '2026-12-04T17:30+08:00', 60, '2026-12-07T09:30+08:00', 'a weekend'],
  ['SH', '2026-12-08T11:45+08:00', 30, '2026-12-08T13:45+08:00', 'lunch'],
  ['SH', '2026-12-08T17:00+08:00', 60, '2026-12-08T18:00+08:00', 'closing time, to the minute'],
  ['SH', '2026-12-08T18:00+08:00', 30, '2026-12-09T09:30+08:00', 'a start at closing time'],
  ['BN', '2026-12-01T23:30+01:00', 480, '2026-12-02T23:30+01:00', 'night shifts'],
  ['BN', '2027-03-27T22:00+01:00', 480, '2027-03-28T23:00+02:00', 'a night of seven hours'],
  ['BN', '2026-10-24T22:00+02:00', 480, '2026-10-25T05:00+01:00', 'a night of nine hours'],
  ['NY', '2026-11-25T16:00-05:00', 120, '2026-11-27T10:00-05:00', 'a holiday'],
  ['wall', '2026-10-24T20:00+02:00', 1_440, '2026-10-25T19:00+01:00', 'the end of summer time by wall clock'],
])('%s from %s, %i minutes: due %s (%s)', (name, start, budgetMin, due) => {
  const started = { startedAt: new Date(start), pauses: [] };
  expect(dueTime(timesOf(name), started, budgetMin * minuteMs)).toEqual(new Date(due));
});

test('the warning comes at a share of the open time, not of the time between', () => {
  const started = { startedAt: new Date('2026-12-04T17:30+08:00'), pauses: [] };
  expect(dueTime(timesOf('SH'), started, 45 * minuteMs)).toEqual(new Date('2026-12-07T09:15+08:00'));
});

test('a pause moves the due time by its open time; while it lasts, nothing is due', () => {
  const from = new Date('2026-12-07T11:00+08:00');
  const startedAt = new Date('2026-12-07T09:00+08:00');
  const times = timesOf('SH');
  const ended = { startedAt, pauses: [{ from, until: new Date('2026-12-09T15:00+08:00') }] };
  expect(dueTime(times, ended, 480 * minuteMs)).toEqual(new Date('2026-12-10T12:00+08:00'));
  const open = { startedAt, pauses: [{ from, until: null }] };
  expect([dueTime(times, open, 480 * minuteMs), dueTime(times, open, 90 * minuteMs)]).toEqual([
    null,
    new Date('2026-12-07T10:30+08:00'),
  ]);
});

test('an opening adds a make-up day, and a closure of some hours or a day wins over everything', () => {
  const times = openTimesOf({
    ...shanghai,
    exceptions: [
      { date: '2026-10-10', kind: 'open', fromMin: 540, toMin: 720 },
      { date: '2026-10-09', kind: 'closed', fromMin: 900, toMin: 1_440 },
      { date: '2026-10-08', kind: 'closed', fromMin: 0, toMin: 1_440 },
    ],
  });
  const openHours = (day: string) =>
    times.openMs(new Date(`${day}T00:00+08:00`), new Date(`${day}T24:00+08:00`)) / 3_600_000;
  expect(['2026-10-07', '2026-10-08', '2026-10-09', '2026-10-10', '2026-10-11'].map(openHours)).toEqual([
    7.5, 0, 4.5, 3, 0,
  ]);
});

test('a closure ends with its day: the night before is cut at midnight, the night after begins late', () => {
  const closed = { date: '2026-12-25', kind: 'closed', fromMin: 0, toMin: 1_440 } as const;
  const times = openTimesOf({ ...berlin, exceptions: [closed] });
  expect(times.openMs(new Date('2026-12-24T12:00+01:00'), new Date('2026-12-26T12:00+01:00'))).toBe(
    (2 + 6) * 3_600_000,
  );
});

test.each([
  ['2026-10-25', 150, 165, 75],
  ['2027-03-28', 135, 150, 15],
])('on %s hours that the change of clocks touches are generous', (date, fromMin, toMin, openMin) => {
  const times = openTimesOf({ zone: 'Europe/Berlin', weekly: [{ weekday: 7, fromMin, toMin }], exceptions: [] });
  const from = new Date(`${date}T00:00Z`);
  expect(times.openMs(from, new Date(from.getTime() + 86_400_000)) / minuteMs).toBe(openMin);
});

// Apart from the hours in which the clocks of these zones change: the examples above have those.
const boundary = fc
  .integer({ min: 0, max: (1_440 * 2) / 15 })
  .map((n) => n * 15)
  .filter((min) => {
    const ofDay = min % 1_440;
    return ofDay === 0 || ofDay > 300;
  });
const minutes = fc
  .tuple(boundary, boundary)
  .filter(([fromMin, toMin]) => fromMin < toMin && fromMin < 1_440)
  .map(([fromMin, toMin]) => ({ fromMin, toMin }));
const someCalendar: fc.Arbitrary<Calendar> = fc.record({
  zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Shanghai', 'Australia/Lord_Howe', 'Pacific/Chatham'),
  weekly: fc
    .array(fc.tuple(fc.integer({ min: 1, max: 7 }), minutes), { minLength: 1, maxLength: 6 })
    .map((all) => all.map(([weekday, interval]) => ({ weekday, ...interval }))),
  exceptions: fc.array(fc.tuple(fc.integer({ min: 1, max: 14 }), fc.boolean(), minutes), { maxLength: 4 }).map((all) =>
    all.map(([day, isOpen, { fromMin, toMin }]) => ({
      date: `2026-10-${String(day + 17).padStart(2, '0')}`,
      kind: isOpen ? ('open' as const) : ('closed' as const),
      fromMin,
      toMin: isOpen ? toMin : Math.min(1_440, toMin),
    })),
  ),
});

/** Looks at the clock on the wall, minute by minute. */
function createWalker({ zone, weekly: week, exceptions }: Calendar) {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  const within = (minute: number, one: { readonly fromMin: number; readonly toMin: number }) =>
    one.fromMin <= minute && minute < one.toMin;
  return (instant: Date): boolean => {
    const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const minute = Number(part['hour']) * 60 + Number(part['minute']);
    const day = new Date(`${part['year']}-${part['month']}-${part['day']}T00:00Z`);
    // A local day that an interval of at most two days may have begun on.
    const begun = [0, 1].map((back) => {
      const date = new Date(day.getTime() - back * 86_400_000);
      return { text: date.toISOString().slice(0, 10), weekday: date.getUTCDay() || 7, minute: minute + back * 1_440 };
    });
    const isClosed = exceptions.some(
      (one) => one.kind === 'closed' && one.date === begun[0]?.text && within(minute, one),
    );
    return (
      !isClosed &&
      begun.some(
        (one) =>
          week.some((interval) => interval.weekday === one.weekday && within(one.minute, interval)) ||
          exceptions.some(
            ({ kind, date, ...rest }) => kind === 'open' && date === one.text && within(one.minute, rest),
          ),
      )
    );
  };
}

test('open time, due time and used time are what walking minute by minute finds', () => {
  // Around the changes of clocks in October, in minutes.
  const begin = new Date('2026-10-23T00:00Z').getTime();
  const at = (minute: number) => new Date(begin + minute * minuteMs);
  const range = 4 * 1_440;
  const minuteAt = fc.integer({ min: 0, max: range });
  const pauses = fc
    .uniqueArray(minuteAt, { minLength: 2, maxLength: 4 })
    .map((all) => all.sort((a, b) => a - b))
    .filter((all) => all.length % 2 === 0);
  fc.assert(
    fc.property(someCalendar, minuteAt, pauses, fc.integer({ min: 1, max: 600 }), (calendar, start, bounds, budget) => {
      const isOpen = createWalker(calendar);
      const paused = bounds.flatMap((from, index): Pause[] => {
        const until = bounds[index + 1];
        return index % 2 === 0 && until !== undefined ? [{ from: at(from), until: at(until) }] : [];
      });
      const times = openTimesOf(calendar);
      const started = { startedAt: at(start), pauses: paused };
      let [open, used, due] = [0, 0, null as Date | null];
      for (let minute = start; minute < range; minute++) {
        if (!isOpen(at(minute))) continue;
        open++;
        if (paused.some(({ from, until }) => from <= at(minute) && (until === null || at(minute) < until))) continue;
        used++;
        if (used === budget) due = at(minute + 1);
      }
      expect(times.openMs(at(start), at(range)) / minuteMs).toBe(open);
      expect(usedMs(times, started, at(range)) / minuteMs).toBe(used);
      if (due !== null) expect(dueTime(times, started, budget * minuteMs)).toEqual(due);
    }),
    { numRuns: 30 },
  );
});

test('a due time after pieces of 400 days is found, and its open time is the budget', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 4_000 }), (day, hours) => {
      const times = openTimesOf(shanghai);
      const startedAt = new Date(Date.UTC(2026, 0, 1 + day));
      const due = times.after(startedAt, hours * 3_600_000);
      expect(times.openMs(startedAt, due)).toBe(hours * 3_600_000);
      expect(times.openMs(startedAt, new Date(due.getTime() - 1))).toBe(hours * 3_600_000 - 1);
    }),
    { numRuns: 25 },
  );
});
