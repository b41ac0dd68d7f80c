import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ConversationId,
  type DecisionId,
  type EventOf,
  type EventType,
  type MessageId,
  newId,
} from '@crossdesk/contracts';
import { type Caller, inputId } from '@crossdesk/service-kit';
import { anEvent, ask, eventually } from '@crossdesk/testkit';
import { claimStates } from '../src/clock/state.store.ts';
import { replaceSkills } from '../src/duty/skill.store.ts';
import {
  aDelivery,
  type Bench,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  send,
  type Workspace,
} from './given.ts';

const minuteMs = 60_000;
let shiftedMs = 0;
const now = () => new Date(Date.now() + shiftedMs);

/** Lets time pass for the service. */
function pass(minutes: number): void {
  shiftedMs += minutes * minuteMs;
}

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now });
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
  expect(JSON.stringify(cn)).not.toMatch(/2026-03-08|2026-05-04|2026-08-01/);
  expect(none).toBeNull();
});

const clockFields = `clocks { metric origin state policyVersion startedAt dueAt warnedAt breachedAt metAt policy { name } }
  overdueSince state`;

async function clocksOf(caller: Caller, id: ConversationId) {
  const query = `query ($id: ID!) { conversation(id: $id) { ${clockFields} } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { id })).conversation;
}

async function savePolicy(caller: Caller, input: object) {
  const query = `mutation ($input: SaveSlaPolicyInput!) { saveSlaPolicy(input: $input) {
    policy { id version name position targets { metric priority minutes } calendar { name } } errors { code path } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input })).saveSlaPolicy;
}

const firstResponse = { metric: 'FIRST_RESPONSE', minutes: 60 };
/** By wall clock, for every conversation. */
const anHour = { name: 'An hour', targets: [firstResponse] };

type Told = 'conversation.sla-warned' | 'conversation.sla-breached' | 'conversation.sla-met';

/** What was told of the clocks of the workspace's own service levels. */
function told(type: Told, id: ConversationId): EventOf<Told>[] {
  const isTold = (event: { readonly type: EventType }): event is EventOf<Told> => event.type === type;
  return bench.harness.events.all
    .filter(isTold)
    .filter(({ data }) => data.conversation.conversationId === id && data.origin === 'policy');
}

/** A buyer of a generic channel, which has no deadline of its own, asks now. */
function givenQuestion({ tenantId }: Workspace, channel = 'generic') {
  return givenInbound(bench, { tenantId, channel, occurredAt: now() });
}

test('S1-4.2: a clock warns and is breached at its time, once, also if a process dies between', async () => {
  const workspace = await givenWorkspace(bench);
  const { admin, agent } = workspace;
  await savePolicy(admin, anHour);
  const { conversationId: id } = await givenQuestion(workspace);
  pass(46);
  const warned = await bench.harness.events.next('conversation.sla-warned', ({ aggregateId }) => aggregateId === id);
  expect(warned.data).toMatchObject({ metric: 'first-response', origin: 'policy', policyVersion: 1, metAt: null });
  expect((await clocksOf(agent, id)).overdueSince).toBeNull();
  // A worker takes it at the due time and dies: it is due again when the lease ends.
  await bench.service.runtime.db.asWorker((trx) => claimStates(trx, 1_000, new Date(now().getTime() + 15 * minuteMs)));
  pass(17);
  const breached = await bench.harness.events.next(
    'conversation.sla-breached',
    ({ aggregateId }) => aggregateId === id,
  );
  const { clocks, overdueSince, state } = await clocksOf(agent, id);
  expect(clocks).toMatchObject([{ metric: 'FIRST_RESPONSE', state: 'RUNNING', breachedAt: breached.occurredAt }]);
  expect([overdueSince, state]).toEqual([breached.occurredAt, 'UNREAD']);
  expect(breached.data).toMatchObject({ dueAt: breached.occurredAt, conversation: { overdueSince } });
  pass(120);
  await send(bench, agent, { conversationId: id, text: 'Sorry for the delay' });
  await eventually(async () => expect(await clocksOf(agent, id)).toMatchObject({ clocks: [{ state: 'MET' }] }));
  expect(await clocksOf(agent, id)).toMatchObject({ overdueSince: null, state: 'HANDLED' });
  const counts = (['warned', 'breached', 'met'] as const).map((kind) => told(`conversation.sla-${kind}`, id).length);
  expect(counts).toEqual([1, 1, 0]);
});

test('S3-1.1: a breach cites the version of the service level that it broke, which can still be read', async () => {
  const workspace = await givenWorkspace(bench);
  const { admin, agent } = workspace;
  const { policy } = await savePolicy(admin, anHour);
  const { conversationId: id } = await givenQuestion(workspace);
  pass(61);
  const { data } = await bench.harness.events.next(
    'conversation.sla-breached',
    ({ aggregateId }) => aggregateId === id,
  );
  const lax = { ...anHour, policyId: policy.id, expectedVersion: 1, targets: [{ ...firstResponse, minutes: 600 }] };
  expect(await savePolicy(admin, lax)).toMatchObject({ policy: { version: 2 }, errors: [] });
  expect(data).toMatchObject({ policyId: policy.id, policyVersion: 1, budgetMinutes: 60 });
  const query = `query ($id: ID!, $version: Int!) { slaPolicyVersion(id: $id, version: $version) { targets { metric minutes } } }`;
  const { slaPolicyVersion } = dataOf(
    await ask(bench.service.subgraph, agent, query, { id: data.policyId, version: data.policyVersion }),
  );
  expect(slaPolicyVersion).toEqual({ targets: [firstResponse] });
  // The breach stays, with its version.
  expect((await clocksOf(agent, id)).clocks).toMatchObject([{ policyVersion: 1, state: 'RUNNING' }]);
});

test('S1-1.7: overdue conversations are marked, found and listed first due first', async () => {
  const workspace = await givenWorkspace(bench);
  const { admin, agent } = workspace;
  await savePolicy(admin, anHour);
  const { conversationId: late } = await givenQuestion(workspace);
  pass(30);
  const { conversationId: soon } = await givenQuestion(workspace);
  pass(31);
  await bench.harness.events.next('conversation.sla-breached', ({ aggregateId }) => aggregateId === late);
  const list = async (args: string) => {
    const query = `{ conversations(${args}) { totalCount edges { cursor node { id } } } }`;
    const { conversations } = dataOf(await ask(bench.service.subgraph, agent, query));
    return { ...conversations, ids: conversations.edges.map(({ node }) => node.id) };
  };
  const [overdue, others, firstDue] = [
    await list('filter: { isOverdue: true }'),
    await list('filter: { isOverdue: false }'),
    await list('orderBy: DUE_FIRST, first: 1'),
  ];
  expect([overdue.ids, others.ids, firstDue.ids]).toEqual([[late], [soon], [late]]);
  expect([overdue.totalCount, firstDue.totalCount]).toEqual([1, 2]);
  expect((await list(`orderBy: DUE_FIRST, after: "${firstDue.edges[0]?.cursor}"`)).ids).toEqual([soon]);
});

test('an answer meets the clock; if it does not reach the buyer, the clock runs on from its start', async () => {
  const workspace = await givenWorkspace(bench);
  const { admin, agent, tenantId } = workspace;
  await savePolicy(admin, anHour);
  const { conversationId, accountId } = await givenQuestion(workspace);
  const { message } = await send(bench, agent, { conversationId, text: 'On its way' });
  const messageId = inputId<MessageId>(message.id);
  await bench.harness.events.next('conversation.sla-met', ({ aggregateId }) => aggregateId === conversationId);
  const [met] = (await clocksOf(agent, conversationId)).clocks;
  const failed = { messageId, conversationId, accountId, status: 'failed', failure: 'POLICY_BLOCKED' } as const;
  await bench.harness.publish(aDelivery(tenantId, failed));
  await eventually(async () => {
    const { clocks } = await clocksOf(agent, conversationId);
    expect(clocks).toEqual([{ ...met, state: 'RUNNING', metAt: null }]);
  });
});

test('S1-4.2: the bot answers apart from people: their clocks end with its answer, and begin anew when it hands over', async () => {
  const workspace = await givenWorkspace(bench);
  const { admin, agent, tenantId } = workspace;
  await savePolicy(admin, anHour);
  const { conversationId, accountId } = await givenQuestion(workspace);
  const of = { tenantId, aggregateId: conversationId };
  const says = async (purpose: 'answer' | 'acknowledgement') => {
    const data = {
      ...{ decisionId: newId<DecisionId>(), messageId: newId<MessageId>(), conversationId, purpose },
      ...{ basedOnVersion: null, rule: null, template: null, content: { kind: 'text', text: 'On Friday.' } as const },
    };
    await bench.harness.publish(anEvent('automation.reply-decided', data, of));
    await bench.harness.events.next(
      'conversation.decision-settled',
      ({ data: settled }) => settled.decisionId === data.decisionId,
    );
    return data.messageId;
  };
  const handsOver = async () => {
    const data = { conversationId, messageId: newId<MessageId>(), reason: 'WANTS_PERSON', promisedBy: null };
    await bench.harness.publish(anEvent('automation.handover-decided', data, of));
  };
  const shown = async () => {
    const { clocks, overdueSince, state } = await clocksOf(agent, conversationId);
    return [state, overdueSince, ...clocks.map((clock) => `${clock.metric} ${clock.state}`)];
  };
  await says('acknowledgement');
  expect(await shown()).toEqual(['UNREAD', null, 'FIRST_RESPONSE RUNNING']);
  const messageId = await says('answer');
  expect(await shown()).toEqual(['HANDLED', null, 'FIRST_RESPONSE CANCELLED']);
  // Nobody is asked, so nothing is late.
  pass(120);
  await handsOver();
  await eventually(async () => expect(await shown()).toEqual(['PENDING', null, 'FIRST_RESPONSE RUNNING']));
  const [clock] = (await clocksOf(agent, conversationId)).clocks;
  expect(Date.parse(clock?.dueAt ?? '')).toBeGreaterThan(now().getTime());
  // What a person has answered stays answered, whatever the bot leaves to people afterwards.
  await send(bench, agent, { conversationId, text: 'I am here.' });
  await handsOver();
  await givenInbound(bench, { ...workspace, channel: 'generic', conversationId, occurredAt: now() });
  await says('answer');
  expect(await shown()).toEqual(['HANDLED', null, 'FIRST_RESPONSE MET']);
  expect(told('conversation.sla-breached', conversationId)).toEqual([]);
  // An answer of the bot that does not arrive leaves the question to people.
  const failed = { messageId, conversationId, accountId, status: 'failed', failure: 'POLICY_BLOCKED' } as const;
  await bench.harness.publish(aDelivery(tenantId, failed));
  await eventually(async () => expect((await shown())[0]).toBe('PENDING'));
});

test('a platform has its own deadline by wall clock, which a workspace may set or drop', async () => {
  const workspace = await givenWorkspace(bench);
  const { admin, agent } = workspace;
  const { conversationId: id } = await givenQuestion(workspace, 'shopee');
  const [clock] = (await clocksOf(agent, id)).clocks;
  const minutesOf = (one: typeof clock) =>
    one === undefined ? null : (Date.parse(one.dueAt) - Date.parse(one.startedAt)) / minuteMs;
  expect(clock).toMatchObject({ metric: 'NEXT_RESPONSE', origin: 'PLATFORM', policy: null });
  expect(minutesOf(clock)).toBe(720);
  const set = async (minutes: number | null) => {
    const query = `mutation ($input: SetPlatformDeadlineInput!) { setPlatformDeadline(input: $input) {
      deadline { minutes defaultMinutes } errors { code } } }`;
    const input = { channel: 'SHOPEE', minutes };
    return dataOf(await ask(bench.service.subgraph, admin, query, { input })).setPlatformDeadline;
  };
  expect(await set(300)).toEqual({ deadline: { minutes: 300, defaultMinutes: 720 }, errors: [] });
  await eventually(async () => expect(minutesOf((await clocksOf(agent, id)).clocks[0])).toBe(300));
  expect((await set(0)).errors).toEqual([{ code: 'INVALID_INPUT' }]);
  await set(null);
  await eventually(async () => expect((await clocksOf(agent, id)).clocks).toMatchObject([{ state: 'CANCELLED' }]));
});

test('a changed calendar or policy recomputes the clocks that run; a calendar in use cannot be deleted', async () => {
  const workspace = await givenWorkspace(bench);
  const { admin, agent } = workspace;
  const always = {
    ...shanghai,
    name: 'Always',
    weekly: [{ weekdays: [...weekdays, 'SATURDAY', 'SUNDAY'], from: '00:00', to: '24:00' }],
  };
  const { id: calendarId } = (await saveCalendar(admin, always)).calendar;
  const { policy } = await savePolicy(admin, { ...anHour, calendarId });
  const { conversationId: id } = await givenQuestion(workspace);
  const dueIn = async () => {
    const [clock] = (await clocksOf(agent, id)).clocks;
    return clock === undefined ? null : (Date.parse(clock.dueAt) - Date.parse(clock.startedAt)) / minuteMs;
  };
  expect([await dueIn(), await deleteCalendar(admin, { calendarId, expectedVersion: 1 })]).toEqual([
    60,
    { errors: [{ code: 'IN_USE' }] },
  ]);
  await savePolicy(admin, {
    ...anHour,
    calendarId,
    policyId: policy.id,
    expectedVersion: 1,
    targets: [{ ...firstResponse, minutes: 30 }],
  });
  await eventually(async () => expect(await dueIn()).toBe(30));
  const byDate = now().toISOString().slice(0, 10);
  const days = [-1, 0, 1].map((day) =>
    new Date(Date.parse(byDate) + day * 1_440 * minuteMs).toISOString().slice(0, 10),
  );
  const closed = days.map((date) => ({ date }));
  await saveCalendar(admin, { ...always, calendarId, expectedVersion: 1, exceptions: closed });
  await eventually(async () => expect(await dueIn()).toBeGreaterThan(300));
});

test('S1-4.2: a specific policy is put before a general one, and the clocks that run follow it', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, admin, agent } = workspace;
  const general = (await savePolicy(admin, anHour)).policy;
  const { policy: last } = await savePolicy(admin, { ...anHour, name: 'Never asked' });
  const { conversationId: id } = await givenQuestion(workspace);
  const names = async () => {
    const { slaPolicies } = dataOf(
      await ask(bench.service.subgraph, agent, '{ slaPolicies { name position version } }'),
    );
    return slaPolicies.map(({ name, position, version }) => [name, position, version].join(' '));
  };
  const specific = { name: 'Generic', channels: ['GENERIC'], targets: [{ ...firstResponse, minutes: 10 }] };
  const outside = { errors: [{ code: 'INVALID_INPUT', path: ['input', 'position'] }] };
  expect(await savePolicy(admin, { ...specific, position: 4 })).toMatchObject(outside);
  expect(await savePolicy(admin, { ...specific, position: 0 })).toMatchObject(outside);
  const { policy } = await savePolicy(admin, { ...specific, position: 1 });
  expect(policy).toMatchObject({ position: 1, version: 1 });
  expect(await names()).toEqual(['Generic 1 1', 'An hour 2 2', 'Never asked 3 2']);
  const applies = async () =>
    (await clocksOf(agent, id)).clocks.find(({ origin }) => origin === 'POLICY')?.policy?.name;
  await eventually(async () => expect(await applies()).toBe('Generic'));
  const move = { ...specific, policyId: policy.id, position: 3, expectedVersion: 1 };
  expect(await savePolicy(admin, move)).toMatchObject({ policy: { position: 3, version: 2 }, errors: [] });
  expect(await savePolicy(admin, { ...move, expectedVersion: 2 })).toMatchObject({
    policy: { version: 2 },
    errors: [],
  });
  expect(await names()).toEqual(['An hour 1 3', 'Never asked 2 3', 'Generic 3 2']);
  await eventually(async () => expect(await applies()).toBe('An hour'));
  const told = await bench.harness.events.count(
    'conversation.sla-policy-changed',
    8,
    (event) => event.tenantId === tenantId,
  );
  const latest = new Map(told.map(({ aggregateId, data }) => [aggregateId, data.position]));
  expect([general.id, last.id, policy.id].map((one) => latest.get(one))).toEqual([1, 2, 3]);
});

test('demand 21: a due time is previewed by calendar, with the pause in which the buyer is awaited', async () => {
  const { admin, agent } = await givenWorkspace(bench);
  const { id: calendarId } = (await saveCalendar(admin, shanghai)).calendar;
  const query = `query ($input: PreviewSlaInput!) { previewSla(input: $input) { warnAt dueAt } }`;
  const preview = async (input: object) =>
    dataOf(await ask(bench.service.subgraph, agent, query, { input })).previewSla;
  const weekend = { calendarId, startedAt: '2026-12-04T09:30:00.000Z', minutes: 60 };
  const awaited = { from: '2026-12-07T03:00:00.000Z', until: '2026-12-09T07:00:00.000Z' };
  expect([
    await preview(weekend),
    await preview({ calendarId, startedAt: '2026-12-07T01:00:00.000Z', minutes: 480, pauses: [awaited] }),
    await preview({ startedAt: '2026-10-24T18:00:00.000Z', minutes: 1_440 }),
  ]).toMatchObject([
    { warnAt: '2026-12-07T01:15:00.000Z', dueAt: '2026-12-07T01:30:00.000Z' },
    { dueAt: '2026-12-10T04:00:00.000Z' },
    { dueAt: '2026-10-25T18:00:00.000Z' },
  ]);
  for (const wrong of [
    { minutes: 0 },
    { minutes: 129_601 },
    { warnPercent: 0 },
    { warnPercent: 100 },
    { calendarId: 'zz' },
  ])
    await expect(preview({ ...weekend, ...wrong })).rejects.toThrow('BAD_USER_INPUT');
});

test('S3-2.3: a roster is published by the hours of a calendar; gaps are shown by hour and language, shifts are told', async () => {
  const { admin, agent, agentId, adminId, tenantId } = await givenWorkspace(bench);
  const everyDay = [...weekdays, 'SATURDAY', 'SUNDAY'];
  const day = { name: 'Day', timeZone: 'UTC', weekly: [{ weekdays: everyDay, from: '08:00', to: '12:30' }] };
  const { id: calendarId } = (await saveCalendar(admin, day)).calendar;
  const from = new Date(now().getTime() + 2 * 1_440 * minuteMs).toISOString().slice(0, 10);
  const publish = async (input: object) => {
    const query = `mutation ($input: PublishRosterInput!) { publishRoster(input: $input) {
      shifts { id agent { id } startsAt endsAt } errors { code path } } }`;
    return dataOf(await ask(bench.service.subgraph, admin, query, { input })).publishRoster;
  };
  const roster = await publish({ calendarId, agentIds: [agentId], from, days: 2 });
  expect(roster.shifts).toMatchObject([
    { agent: { id: agentId }, startsAt: `${from}T08:00:00.000Z`, endsAt: `${from}T12:30:00.000Z` },
    { agent: { id: agentId } },
  ]);
  expect(await publish({ calendarId, agentIds: [agentId], from, days: 2 })).toEqual(roster);
  expect((await publish({ calendarId, agentIds: [adminId], from, days: 36 })).errors).toMatchObject([
    { code: 'INVALID_INPUT', path: ['input', 'days'] },
  ]);
  const skills = [{ kind: 'language', value: 'fr', level: 2 }] as const;
  await bench.service.runtime.db.forTenant(tenantId, (trx) => replaceSkills(trx, tenantId, agentId, skills));
  const query = `query ($from: DateTime!, $levelMin: Int!) { coverage(from: $from, hours: 6, levelMin: $levelMin) {
    startsAt language agents isGap } }`;
  const gaps = async (levelMin: number) => {
    const variables = { from: `${from}T07:00:00.000Z`, levelMin };
    const { coverage } = dataOf(await ask(bench.service.subgraph, agent, query, variables));
    const hoursOf = (language: string | null) =>
      coverage.filter((hour) => hour.language === language && hour.isGap).map(({ startsAt }) => startsAt.slice(11, 13));
    return [hoursOf(null), hoursOf('fr')];
  };
  expect(await gaps(2)).toEqual([
    ['07', '12'],
    ['07', '12'],
  ]);
  expect((await gaps(3))[1]).toEqual(['07', '08', '09', '10', '11', '12']);
  const come = 'mutation { setDuty(input: { isOnDuty: true }) { errors { code } } }';
  expect(dataOf(await ask(bench.service.subgraph, agent, come)).setDuty).toEqual({ errors: [] });
  pass(4 * 1_440);
  const of = { shiftId: roster.shifts[0]?.id };
  await bench.harness.events.next('conversation.shift-started', ({ data }) => data.shiftId === of.shiftId);
  await bench.harness.events.next('conversation.shift-ended', ({ data }) => data.shiftId === of.shiftId);
  // Whose shift is over takes nothing more, and what they owe goes to others.
  await bench.harness.events.next(
    'conversation.duty-changed',
    ({ data }) => data.agentId === agentId && !data.isOnDuty && data.isHandingOver,
  );
});
