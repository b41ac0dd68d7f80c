import { expect, test } from '@jest/globals';
import type { Calendar } from './calendar.ts';
import { problemOfCalendar } from './check-calendar.ts';

const now = new Date('2026-12-01T00:00Z');
const nine = { fromMin: 540, toMin: 1_020 };
const good: Calendar = { zone: 'Asia/Tokyo', weekly: [{ weekday: 1, ...nine }], exceptions: [] };

/** Closed on every Monday from now on. */
const mondays = Array.from({ length: 58 }, (_, week) => ({
  date: new Date(Date.UTC(2026, 11, 7 + 7 * week)).toISOString().slice(0, 10),
  kind: 'closed' as const,
  fromMin: 0,
  toMin: 1_440,
}));

test('a calendar with hours is accepted', () => {
  expect(problemOfCalendar(good, now)).toBeNull();
});

test.each<[string, Partial<Calendar>, string]>([
  ['an unknown zone', { zone: 'Europe/Atlantis' }, 'zone'],
  ['a zone that is no name', { zone: '+08:00' }, 'zone'],
  ['no hours', { weekly: [] }, 'weekly'],
  ['hours that closures cover for 400 days', { exceptions: mondays }, 'weekly'],
  ['an eighth day', { weekly: [{ weekday: 8, ...nine }] }, 'weekly'],
  ['an end before the beginning', { weekly: [{ weekday: 1, fromMin: 600, toMin: 540 }] }, 'weekly'],
  ['more than two days', { weekly: [{ weekday: 1, fromMin: 0, toMin: 2_881 }] }, 'weekly'],
  ['a beginning on the next day', { weekly: [{ weekday: 1, fromMin: 1_440, toMin: 1_500 }] }, 'weekly'],
  ['a date that does not exist', { exceptions: [{ date: '2026-02-30', kind: 'open', ...nine }] }, 'exceptions'],
  [
    'a closure past its day',
    { exceptions: [{ date: '2026-12-24', kind: 'closed', fromMin: 0, toMin: 1_500 }] },
    'exceptions',
  ],
  ['too many intervals', { weekly: Array.from({ length: 71 }, () => ({ weekday: 1, ...nine })) }, 'weekly'],
])('%s is refused', (_, wrong, field) => {
  expect(problemOfCalendar({ ...good, ...wrong }, now)?.field).toBe(field);
});
