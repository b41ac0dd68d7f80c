import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  type ErasureId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anAgent, anEvent, ask, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type CrmService, openCrm } from '../src/app.ts';

let shiftedMs = 0;
const clock = { now: () => new Date(Date.now() + shiftedMs) };
let harness: TestHarness;
let crm: CrmService;

beforeAll(async () => {
  harness = await openHarness({ clock });
  crm = await openCrm(harness.deps);
  await crm.start();
});

afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

const dayMs = 86_400_000;
const fields = `id text dueAt occurrence state isOverdue version closedAt customer { id } conversation { id }
  owner { id } createdBy { id } recurrence { rule zone next }`;
interface Shown {
  readonly id: string;
  readonly text: string;
  readonly dueAt: string;
  readonly occurrence: number;
  readonly state: string;
  readonly version: number;
}
interface Payload {
  readonly followUp: Shown | null;
  readonly errors: readonly { readonly code: string; readonly path: readonly string[] }[];
}
const inputs = {
  createFollowUp: 'CreateFollowUpInput',
  completeFollowUp: 'FollowUpInput',
  snoozeFollowUp: 'SnoozeFollowUpInput',
  cancelFollowUp: 'FollowUpInput',
} as const;

async function act(caller: Caller, name: keyof typeof inputs, input: Record<string, unknown>): Promise<Payload> {
  const query = `mutation ($input: ${inputs[name]}!) { ${name}(input: $input) { followUp { ${fields} } errors { code path } } }`;
  const { data, errors } = await ask(crm.subgraph, caller, query, { input });
  expect(errors).toEqual([]);
  return (data as Record<string, Payload>)[name] ?? { followUp: null, errors: [] };
}

async function done(caller: Caller, name: keyof typeof inputs, input: Record<string, unknown>): Promise<Shown> {
  const { followUp, errors } = await act(caller, name, input);
  expect({ name, errors }).toEqual({ name, errors: [] });
  if (followUp === null) throw new Error(`${name} answered nothing`);
  return followUp;
}

/** A customer who has written at a store. */
async function givenCustomer() {
  const store = { tenantId: newId<TenantId>(), accountId: newId<ChannelAccountId>() };
  const message = givenMessage({ ...store, conversationId: newId<ConversationId>() });
  await harness.publish(message);
  const { data } = await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId }) => aggregateId === message.aggregateId,
  );
  const agentId = newId<AgentId>();
  return { ...store, ...data, agentId, agent: anAgent(store.tenantId, 'agent', agentId) };
}

const dueEventsOf = (id: string) => harness.events.of('crm.follow-up-due').filter(({ data }) => data.followUpId === id);

async function listOf(caller: Caller, args: string): Promise<{ totalCount: number; edges: { node: Shown }[] }> {
  const { data, errors } = await ask(
    crm.subgraph,
    caller,
    `{ followUps${args} { totalCount edges { cursor node { ${fields} } } } }`,
  );
  expect(errors).toEqual([]);
  return (data as { followUps: { totalCount: number; edges: { node: Shown }[] } }).followUps;
}

test('S1-3.4: a monthly follow-up at 10:00 is told once each month, at 10:00 before and after the change of time', async () => {
  const { agent, agentId, customerId, conversationId } = await givenCustomer();
  const year = clock.now().getUTCFullYear() + 1;
  const dueAt = `${year}-03-15T09:00:00.000Z`;
  const wish = {
    ...{ clientMutationId: 'monthly', customerId, conversationId, text: ' Ask how the shoes are ', dueAt },
    recurrence: { rule: 'freq=monthly', zone: 'Europe/Berlin' },
  };
  const one = await done(agent, 'createFollowUp', wish);
  expect(one).toMatchObject({
    ...{ text: 'Ask how the shoes are', dueAt, occurrence: 1, state: 'OPEN', isOverdue: false, version: 1 },
    ...{ customer: { id: customerId }, conversation: { id: conversationId }, owner: { id: agentId } },
    recurrence: { rule: 'FREQ=MONTHLY', zone: 'Europe/Berlin', next: `${year}-04-15T08:00:00.000Z` },
  });
  expect(await done(agent, 'createFollowUp', wish)).toEqual(one);
  expect(await act(agent, 'createFollowUp', { ...wish, text: 'Other' })).toMatchObject({
    errors: [{ code: 'CLIENT_ID_REUSED' }],
  });

  shiftedMs = Date.parse(dueAt) + 1_000 - Date.now();
  const due = await harness.events.next('crm.follow-up-due', ({ data }) => data.followUpId === one.id);
  expect(due.aggregateId).toBe(customerId);
  expect(due.data).toMatchObject({ customerId, conversationId, ownerId: agentId, occurrence: 1, dueAt });
  expect((await listOf(agent, '')).edges[0]?.node).toMatchObject({ id: one.id, isOverdue: true });

  const next = await done(agent, 'completeFollowUp', { followUpId: one.id, expectedVersion: 1 });
  expect(next).toMatchObject({ state: 'OPEN', occurrence: 2, dueAt: `${year}-04-15T08:00:00.000Z`, version: 2 });
  const completed = await harness.events.next('crm.follow-up-completed', ({ data }) => data.followUpId === one.id);
  expect(completed.data).toMatchObject({ dueAt, occurrence: 1, completedBy: agentId, nextDueAt: next.dueAt });
  expect(completed.aggregateVersion).toBeGreaterThan(due.aggregateVersion);

  shiftedMs = Date.parse(next.dueAt) + 1_000 - Date.now();
  await harness.events.next('crm.follow-up-due', ({ data }) => data.followUpId === one.id && data.occurrence === 2);
  // Somebody else's command was quicker: the payload shows what they have left.
  const late = await act(agent, 'completeFollowUp', { followUpId: one.id, expectedVersion: 1 });
  expect(late).toMatchObject({ followUp: { occurrence: 2 }, errors: [{ code: 'VERSION_CONFLICT' }] });
  const ended = await done(agent, 'cancelFollowUp', { followUpId: one.id, expectedVersion: 2 });
  expect(ended).toMatchObject({ state: 'CANCELLED', version: 3 });
  expect(await act(agent, 'completeFollowUp', { followUpId: one.id, expectedVersion: 3 })).toMatchObject({
    errors: [{ code: 'ILLEGAL_TRANSITION' }],
  });
  expect(dueEventsOf(one.id).map(({ data }) => data.occurrence)).toEqual([1, 2]);
});

test('follow-ups are listed by who does them and when, and what is put off is told again', async () => {
  const { agent, agentId, customerId, tenantId } = await givenCustomer();
  const other = newId<AgentId>();
  const at = (days: number) => new Date(clock.now().getTime() + days * dayMs).toISOString();
  const make = (key: string, days: number, ownerId?: string) =>
    done(agent, 'createFollowUp', { clientMutationId: key, customerId, text: key, dueAt: at(days), ownerId });
  const [late, soon] = [await make('late', 9), await make('soon', 1)];
  await make('of another', 2, other);
  const textsOf = async (args: string) => (await listOf(agent, args)).edges.map(({ node }) => node.text);
  expect(await textsOf('')).toEqual(['soon', 'of another', 'late']);
  expect(await textsOf(`(ownerId: "${agentId}")`)).toEqual(['soon', 'late']);
  expect(await textsOf(`(dueBefore: "${at(3)}")`)).toEqual(['soon', 'of another']);
  const { data } = await ask(
    crm.subgraph,
    agent,
    `query ($id: ID!) { customer(id: $id) { followUps(first: 1) { totalCount edges { cursor node { text } } } } }`,
    { id: customerId },
  );
  expect(data).toMatchObject({ customer: { followUps: { totalCount: 3, edges: [{ node: { text: 'soon' } }] } } });
  expect((await listOf(anAgent(newId<TenantId>()), '')).totalCount).toBe(0);

  const until = at(5);
  await done(agent, 'snoozeFollowUp', { followUpId: soon.id, expectedVersion: 1, until });
  expect(await textsOf('')).toEqual(['of another', 'soon', 'late']);
  shiftedMs += 5 * dayMs + 60_000;
  await harness.events.next('crm.follow-up-due', (event) => event.data.followUpId === soon.id);
  expect(dueEventsOf(soon.id).map((event) => event.data.dueAt)).toEqual([until]);
  expect(dueEventsOf(late.id)).toEqual([]);

  const refused = async (over: Record<string, unknown>) => {
    const wish = { clientMutationId: 'refused', customerId, text: 'x', dueAt: at(1), ...over };
    const { errors } = await act(agent, 'createFollowUp', wish);
    return errors.map(({ code, path }) => `${code} ${path.join('.')}`);
  };
  expect(await refused({ customerId: newId() })).toEqual(['NOT_FOUND input.customerId']);
  expect(await refused({ conversationId: newId() })).toEqual(['NOT_FOUND input.conversationId']);
  expect(await refused({ text: '  ' })).toEqual(['INVALID_INPUT input.text']);
  expect(await refused({ dueAt: at(-1) })).toEqual(['INVALID_INPUT input.dueAt']);
  expect(await refused({ recurrence: { rule: 'FREQ=HOURLY', zone: 'UTC' } })).toEqual([
    'INVALID_INPUT input.recurrence',
  ]);
  expect(await act(anAgent(tenantId), 'cancelFollowUp', { followUpId: newId(), expectedVersion: 1 })).toMatchObject({
    errors: [{ code: 'NOT_FOUND' }],
  });
});

test('an erasure empties what is to be done for the customer, and nobody is told of it', async () => {
  const { agent, customerId, conversationId, tenantId, accountId } = await givenCustomer();
  const dueAt = new Date(clock.now().getTime() + dayMs).toISOString();
  const wish = { clientMutationId: 'erased', customerId, text: 'Call Ana at home', dueAt };
  const { id } = await done(agent, 'createFollowUp', wish);
  const data = { erasureId: newId<ErasureId>(), customerId, conversationId, accountId };
  await harness.publish(anEvent('ingest.buyer-erased', data, { tenantId, aggregateId: conversationId }));
  await eventually(async () => {
    const { edges } = await listOf(agent, '(state: CANCELLED)');
    expect(edges.map(({ node }) => node)).toMatchObject([{ id, text: '', state: 'CANCELLED' }]);
  });
});
