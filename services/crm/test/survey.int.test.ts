import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ChannelAccountId,
  type ConversationId,
  type DecisionId,
  type EventData,
  type FeedbackId,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import {
  aBuyer,
  anAgent,
  anEvent,
  ask,
  eventually,
  givenMessage,
  openHarness,
  type TestHarness,
} from '@crossdesk/testkit';
import { type CrmService, openCrm } from '../src/app.ts';
import { passGate } from '../src/outreach/decide.commands.ts';
import { claimDue } from '../src/outreach/outreach.store.ts';

let harness: TestHarness;
let crm: CrmService;
beforeAll(async () => {
  harness = await openHarness();
  crm = await openCrm(harness.deps);
  await crm.start();
});
afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

async function asAdmin<Result>(tenantId: TenantId, query: string, variables: object = {}): Promise<Result> {
  const { data, errors } = await ask(crm.subgraph, anAgent(tenantId, 'admin'), query, { ...variables });
  if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as Result;
}

const upsert = `mutation($input: UpsertSurveyPolicyInput!) { upsertSurveyPolicy(input: $input) {
  policy { version isOn hasOwnTexts texts { locale channel } delayMinutes mailDelayMinutes } errors { code path } } }`;
interface Upserted {
  readonly upsertSurveyPolicy: {
    readonly policy: { readonly version: number; readonly texts: readonly { readonly locale: string }[] } | null;
    readonly errors: readonly { readonly code: string; readonly path: readonly string[] }[];
  };
}

const set = async (tenantId: TenantId, input: object) =>
  (await asAdmin<Upserted>(tenantId, upsert, { input: { key: 'all', isOn: true, expectedVersion: 0, ...input } }))
    .upsertSurveyPolicy;

type Snapshot = EventData<'conversation.message-added'>['conversation'];

/** A buyer who has written, in a workspace that asks; its conversation, as the conversation service tells of it. */
async function givenTalk({
  tenantId = newId<TenantId>(),
  channel = 'generic' as 'generic' | 'whatsapp' | 'amazon',
  wroteAt = new Date(),
  locale = null as string | null,
  language = null as string | null,
} = {}) {
  const accountId = newId<ChannelAccountId>();
  const message = givenMessage({
    ...{ tenantId, accountId, channel, occurredAt: wroteAt },
    buyer: { ...aBuyer, locale, commerceId: accountId, externalId: accountId },
  });
  await harness.publish(message);
  const { conversationId } = message.data;
  const linked = await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId }) => aggregateId === conversationId,
  );
  let version = 0;
  const told = (changes: Partial<Snapshot>): Snapshot => ({
    ...{ conversationId, accountId, channel, state: 'unread', priority: 'normal', assigneeId: null, unreadCount: 0 },
    ...{ phase: 'open', cycle: 1, language, waitingSince: null, lastMessageAt: wroteAt.toISOString(), ...changes },
  });
  const publish = async (
    changes: Partial<Snapshot>,
    what: Pick<EventData<'conversation.message-added'>, 'direction' | 'author' | 'answers'>,
  ) => {
    version += 1;
    const on = { tenantId, aggregateId: conversationId, aggregateVersion: version };
    const data = {
      conversation: told(changes),
      messageId: newId<MessageId>(),
      kind: 'text',
      text: 'x',
      ...what,
    } as const;
    await harness.publish(anEvent('conversation.message-added', data, on));
  };
  return {
    ...{ tenantId, accountId, conversationId, customerId: linked.data.customerId },
    asks: (cycle = 1) => publish({ state: 'unread', cycle }, { direction: 'inbound', author: 'buyer' }),
    isAnswered: (cycle = 1) => publish({ state: 'handled', cycle }, { direction: 'outbound', author: 'agent' }),
    says: (decisionId: DecisionId, score: number) =>
      publish({ state: 'handled' }, { direction: 'inbound', author: 'buyer', answers: { decisionId, score } }),
  };
}
type Talk = Awaited<ReturnType<typeof givenTalk>>;

/** What was planned for the buyer, the oldest first. */
async function outreachOf({ tenantId, customerId }: Talk) {
  const query = `query($id: ID!) { customer(id: $id) { outreach { kind state reason } } }`;
  type Found = { customer: { outreach: { kind: string; state: string; reason: string | null }[] } };
  const { customer } = await asAdmin<Found>(tenantId, query, { id: customerId });
  return customer.outreach.toReversed().map(({ kind, state, reason }) => `${kind} ${state} ${reason ?? '-'}`);
}
const becomes = (talk: Talk, expected: readonly string[]) =>
  eventually(async () => expect(await outreachOf(talk)).toEqual(expected));

/** Lets pass what is due in a while. */
const gateIn = (minutes: number) => gateAt(new Date(Date.now() + minutes * 60_000));

async function gateAt(now: Date): Promise<void> {
  const { db, outbox } = crm.runtime;
  const clock = { now: () => now };
  const deps = { outbox, clock, suppressionKey: Buffer.alloc(32) };
  for (const one of await db.asWorker((trx) => claimDue(trx, 100, clock.now())))
    await db.asWorker((trx) => passGate(deps, trx, one));
}

const decidedIn = ({ conversationId }: { readonly conversationId: ConversationId }) =>
  harness.events.of('crm.message-decided').filter(({ aggregateId }) => aggregateId === conversationId);

/** The question is written, as the conversation service tells. */
async function isWritten(talk: Talk): Promise<DecisionId> {
  const { tenantId, conversationId, accountId } = talk;
  const { data } = await harness.events.next(
    'crm.message-decided',
    ({ aggregateId }) => aggregateId === conversationId,
  );
  const { decisionId } = data;
  const work = { channel: 'generic', state: 'handled', priority: 'normal', assigneeId: null, unreadCount: 0 } as const;
  const times = { waitingSince: null, lastMessageAt: new Date().toISOString() };
  const settled = { conversation: { conversationId, accountId, ...work, ...times }, decisionId, code: null };
  await harness.publish(
    anEvent(
      'conversation.decision-settled',
      { ...settled, outcome: 'carried-out' },
      { tenantId, aggregateId: conversationId, aggregateVersion: 50 },
    ),
  );
  await harness.events.next('crm.survey-sent', ({ aggregateId }) => aggregateId === decisionId);
  return decisionId;
}

async function csatOf(tenantId: TenantId) {
  const query = `{ surveyPolicies { key csat { sent answered responseRate mean distribution { score count } } } }`;
  type Found = { surveyPolicies: { csat: { distribution: { score: number; count: number }[] } }[] };
  const { surveyPolicies } = await asAdmin<Found>(tenantId, query);
  return surveyPolicies.map(({ csat: { distribution, ...csat } }) => ({
    ...csat,
    counts: distribution.map(({ count }) => count),
  }));
}

test('S4-3.5: a buyer is asked once when it is handled, in their language and by channel; not again within 30 days', async () => {
  const tenantId = newId<TenantId>();
  const texts = [
    { locale: 'en', text: '1 to 5?' },
    { locale: 'pt', text: 'De 1 a 5?' },
    { locale: 'pt', channel: 'generic', text: 'Aqui: de 1 a 5?' },
  ];
  expect((await set(tenantId, { texts })).errors).toEqual([]);
  const talk = await givenTalk({ tenantId, locale: 'pt-BR' });
  await talk.asks();
  await talk.isAnswered();
  await becomes(talk, ['SURVEY PLANNED -']);
  // Somebody writes one message more, the buyer asks again, and is answered: still one question.
  await talk.isAnswered();
  await talk.asks();
  await becomes(talk, ['SURVEY SUPPRESSED CANCELLED']);
  await talk.isAnswered();
  await becomes(talk, ['SURVEY SUPPRESSED CANCELLED', 'SURVEY PLANNED -']);
  await gateIn(14);
  await becomes(talk, ['SURVEY SUPPRESSED CANCELLED', 'SURVEY PLANNED -']);
  await gateIn(16);
  await isWritten(talk);
  expect(decidedIn(talk).map(({ data }) => [data.kind, data.purpose, data.content])).toEqual([
    ['survey', 'service', { kind: 'text', text: 'Aqui: de 1 a 5?' }],
  ]);
  // The same cycle again, and then the next one.
  await talk.asks();
  await talk.isAnswered();
  await talk.asks(2);
  await talk.isAnswered(2);
  await becomes(talk, ['SURVEY SUPPRESSED CANCELLED', 'SURVEY SENT -', 'SURVEY PLANNED -']);
  await gateIn(16);
  await becomes(talk, ['SURVEY SUPPRESSED CANCELLED', 'SURVEY SENT -', 'SURVEY SUPPRESSED ASKED_RECENTLY']);
  expect(decidedIn(talk)).toHaveLength(1);
});

test('S4-3.5: in a window that is closed, or closes within 10 minutes, and where platforms forbid it, nobody is asked', async () => {
  const tenantId = newId<TenantId>();
  expect((await set(tenantId, {})).policy).toMatchObject({
    hasOwnTexts: false,
    delayMinutes: 15,
    mailDelayMinutes: 1440,
  });
  // It is to be the window that decides.
  expect((await set(tenantId, { delayMinutes: 600, expectedVersion: 1 })).errors).toEqual([]);
  const hoursAgo = (hours: number, minutes = 0) => new Date(Date.now() - hours * 3_600_000 + minutes * 60_000);
  const closing = await givenTalk({ tenantId, channel: 'whatsapp', wroteAt: hoursAgo(24, 5) });
  const closed = await givenTalk({ tenantId, channel: 'whatsapp', wroteAt: hoursAgo(30) });
  const forbidden = await givenTalk({ tenantId, channel: 'amazon' });
  const closesAt = new Date(Date.now() + 5 * 3_600_000);
  const wroteAt = new Date(closesAt.getTime() - 24 * 3_600_000);
  const soon = await givenTalk({ tenantId, channel: 'whatsapp', wroteAt, language: 'es' });
  const talks = [closing, closed, forbidden, soon];
  for (const talk of talks) await talk.asks();
  for (const talk of talks) await talk.isAnswered();
  await becomes(closing, ['SURVEY SUPPRESSED SKIPPED_WINDOW']);
  await becomes(closed, ['SURVEY SUPPRESSED SKIPPED_WINDOW']);
  await becomes(soon, ['SURVEY PLANNED -']);
  await gateAt(new Date(closesAt.getTime() - 10.5 * 60_000));
  await becomes(soon, ['SURVEY DECIDED -']);
  // The default text, in the language of the talk.
  expect(decidedIn(soon)[0]?.data.content).toMatchObject({ text: expect.stringContaining('del 1 (nada) al 5') });
  await gateIn(601);
  await becomes(forbidden, ['SURVEY SUPPRESSED POLICY']);
});

const feedbackOf = async (tenantId: TenantId) => {
  const query = `{ feedback { edges { node { id source kind score urgency handling conversation { id } customer { id } } } } }`;
  type Found = { feedback: { edges: { node: { id: FeedbackId; source: string; score: number | null } }[] } };
  return (await asAdmin<Found>(tenantId, query)).feedback.edges.map(({ node }) => node);
};

test('S3-6.1: a review, a survey answer, what a message says and what a person notes are one list', async () => {
  const tenantId = newId<TenantId>();
  await set(tenantId, {});
  const talk = await givenTalk({ tenantId });
  const { accountId, conversationId, customerId } = talk;
  await talk.asks();
  await talk.isAnswered();
  await becomes(talk, ['SURVEY PLANNED -']);
  await gateIn(16);
  const surveyId = await isWritten(talk);
  expect(await csatOf(tenantId)).toEqual([
    { sent: 1, answered: 0, responseRate: 0, mean: null, counts: [0, 0, 0, 0, 0] },
  ]);
  await talk.says(surveyId, 4);
  const first = await harness.events.next('crm.survey-answered', ({ aggregateId }) => aggregateId === surveyId);
  expect(first.data).toMatchObject({ score: 4, previousScore: null, conversationId, cycle: 1, profileId: customerId });
  // They change their mind, and say it twice: the last answer counts, and a bad one is worked on.
  await talk.says(surveyId, 2);
  await talk.says(surveyId, 2);
  const worse = await harness.events.next('crm.feedback-escalated', (event) => event.tenantId === tenantId);
  expect(worse.data).toMatchObject({ reason: 'changed', source: 'survey', handling: 'special', conversationId });
  const platformFeedbackId = newId<FeedbackId>();
  const review: EventData<'ingest.feedback-reported'> = {
    ...{ platformFeedbackId, accountId, channel: 'generic', externalFeedbackId: 'R-1', kind: 'product-review' },
    ...{ score: 5, text: 'Lovely', language: 'en', buyerExternalId: accountId, externalOrderId: null, skus: ['BAG-1'] },
    givenAt: new Date().toISOString(),
  };
  await harness.publish(anEvent('ingest.feedback-reported', review, { tenantId, aggregateId: platformFeedbackId }));
  const record = `mutation($input: RecordFeedbackInput!) { recordFeedback(input: $input) { errors { code } } }`;
  const noted = { kind: 'SUGGESTION', conversationId, text: 'A bigger one' };
  for (const input of [
    { ...noted, clientMutationId: 'a', messageId: newId() },
    { ...noted, clientMutationId: 'b' },
  ])
    expect(await asAdmin(tenantId, record, { input })).toEqual({ recordFeedback: { errors: [] } });
  const items = await eventually(async () => {
    const found = await feedbackOf(tenantId);
    expect(found.map(({ source }) => source).toSorted()).toEqual(['AGENT', 'MESSAGE', 'PLATFORM', 'SURVEY']);
    return found;
  });
  expect(items.find(({ source }) => source === 'SURVEY')).toMatchObject({
    ...{ kind: 'SURVEY_ANSWER', score: 2, urgency: 'HIGH', handling: 'SPECIAL' },
    ...{ conversation: { id: conversationId }, customer: { id: customerId } },
  });
  expect(await csatOf(tenantId)).toEqual([{ sent: 1, answered: 1, responseRate: 1, mean: 2, counts: [0, 1, 0, 0, 0] }]);
  const answers = harness.events.of('crm.survey-answered').filter(({ aggregateId }) => aggregateId === surveyId);
  expect(answers.map(({ data }) => [data.previousScore, data.score])).toEqual([
    [null, 4],
    [4, 2],
  ]);
  expect(await csatOf(newId<TenantId>())).toEqual([]);
});

test('a policy is changed by its version, its texts must render, and switched off it asks nobody', async () => {
  const tenantId = newId<TenantId>();
  const refused = async (input: object) => {
    const { errors } = await set(tenantId, input);
    return errors.map(({ code, path }) => `${code} ${path.join('.')}`);
  };
  expect(await refused({ texts: [{ locale: 'en', text: '{order}?', channel: 'carrier pigeon' }] })).toEqual([
    'INVALID_INPUT input.texts',
  ]);
  expect(await refused({ texts: [{ locale: 'english please', text: '1 to 5?' }] })).toEqual([
    'INVALID_INPUT input.texts',
  ]);
  expect(await refused({ delayMinutes: 0 })).toEqual(['INVALID_INPUT input.delayMinutes']);
  expect(await refused({ key: ' ' })).toEqual(['INVALID_INPUT input.key']);
  expect(await refused({})).toEqual([]);
  expect(await refused({ isOn: false })).toEqual(['VERSION_CONFLICT input.expectedVersion']);
  const talk = await givenTalk({ tenantId });
  await talk.asks();
  await talk.isAnswered();
  await becomes(talk, ['SURVEY PLANNED -']);
  expect(await refused({ isOn: false, expectedVersion: 1 })).toEqual([]);
  await becomes(talk, ['SURVEY SUPPRESSED CANCELLED']);
  // What was handled before it is switched on again stays unasked.
  expect(await refused({ expectedVersion: 2 })).toEqual([]);
  await talk.isAnswered();
  await gateIn(20);
  await becomes(talk, ['SURVEY SUPPRESSED CANCELLED']);
});
