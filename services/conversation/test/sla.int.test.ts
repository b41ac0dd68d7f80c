import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Caller } from '@crossdesk/service-kit';
import { ask } from '@crossdesk/testkit';
import { type Bench, dataOf, givenWorkspace, openBench } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const calendarFields = 'id name timeZone version weekly { weekdays from to } exceptions { date isOpen from to name }';

async function saveCalendar(caller: Caller, input: object) {
  const query = `mutation ($input: SaveCalendarInput!) { saveCalendar(input: $input) {
    calendar { ${calendarFields} } errors { code path } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input })).saveCalendar;
}

async function deleteCalendar(caller: Caller, input: object) {
  const query = `mutation ($input: DeleteCalendarInput!) { deleteCalendar(input: $input) { errors { code } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input })).deleteCalendar;
}

const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'];
const shanghai = {
  name: 'Shanghai',
  timeZone: 'Asia/Shanghai',
  weekly: [
    { weekdays, from: '09:00', to: '12:00' },
    { weekdays, from: '13:30', to: '18:00' },
  ],
};

test('a calendar has several hours a day, nights and holidays; it is read as it was written', async () => {
  const { admin, agent } = await givenWorkspace(bench);
  const exceptions = [
    { date: '2026-10-01', isOpen: false, from: '00:00', to: '24:00', name: 'National Day' },
    { date: '2026-10-10', isOpen: true, from: '22:00', to: '06:00', name: null },
  ];
  const night = { weekdays: ['SATURDAY'], from: '22:00', to: '06:00' };
  const wish = { ...shanghai, weekly: [...shanghai.weekly, night], exceptions };
  const made = await saveCalendar(admin, wish);
  expect(made).toEqual({ calendar: { ...wish, id: made.calendar.id, version: 1 }, errors: [] });
  expect(await saveCalendar(admin, wish)).toEqual(made);
  const { calendars } = dataOf(await ask(bench.service.subgraph, agent, `{ calendars { ${calendarFields} } }`));
  expect(calendars).toEqual([made.calendar]);
  const { data } = await bench.harness.events.next('conversation.calendar-changed');
  expect(data).toMatchObject({ calendarId: made.calendar.id, timeZone: 'Asia/Shanghai', isDeleted: false });
});

test('a calendar is changed by those who know its version, and deleted when nothing uses it', async () => {
  const { admin, agent } = await givenWorkspace(bench);
  const { id: calendarId } = (await saveCalendar(admin, shanghai)).calendar;
  const change = { ...shanghai, calendarId, timeZone: 'Asia/Tokyo' };
  const codes = async (caller: Caller, input: object) =>
    (await saveCalendar(caller, input)).errors.map(({ code, path }) => [code, ...path].join(' '));
  expect([
    await codes(admin, { ...change, expectedVersion: 1 }),
    await codes(admin, { ...shanghai, calendarId, expectedVersion: 1 }),
    await codes(admin, { ...shanghai, timeZone: 'Asia/Atlantis', name: 'Other' }),
    await codes(admin, { ...shanghai, weekly: [], name: 'Other' }),
    await codes(admin, { ...shanghai, weekly: [{ weekdays, from: '9', to: '18:00' }], name: 'Other' }),
    await codes(admin, { ...shanghai, timeZone: 'Asia/Seoul' }),
  ]).toEqual([
    [],
    ['VERSION_CONFLICT input expectedVersion'],
    ['INVALID_INPUT input timeZone'],
    ['INVALID_INPUT input weekly'],
    ['INVALID_INPUT input weekly'],
    ['ALREADY_EXISTS input name'],
  ]);
  await expect(saveCalendar(agent, shanghai)).rejects.toThrow('FORBIDDEN');
  expect(await deleteCalendar(admin, { calendarId, expectedVersion: 2 })).toEqual({ errors: [] });
});

test('the public holidays of a country are proposed, in its language', async () => {
  const { agent } = await givenWorkspace(bench);
  const query = `{ us: proposeHolidays(country: "US", year: 2026) { date name }
    cn: proposeHolidays(country: "CN", year: 2026, locale: "zh-CN") { date name }
    none: proposeHolidays(country: "XX", year: 2026) { date } }`;
  const { us, cn, none } = (await ask(bench.service.subgraph, agent, query)).data as Record<string, unknown>;
  expect(us).toContainEqual({ date: '2026-11-26', name: 'Thanksgiving Day' });
  expect(cn).toContainEqual({ date: '2026-10-01', name: '国庆节' });
  expect(none).toBeNull();
});
