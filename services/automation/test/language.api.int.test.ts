import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AnyEvent,
  causationDepthMax,
  type ConversationId,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anAgent, ask, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type AutomationService, openAutomation } from '../src/app.ts';

let harness: TestHarness;
let automation: AutomationService;

beforeAll(async () => {
  harness = await openHarness();
  automation = await openAutomation(harness.deps);
  await automation.start();
});

afterAll(async () => {
  await automation.stop(5_000);
  await harness.close();
});

const languageQuery = `query ($messages: [_Any!]!) {
  _entities(representations: $messages) { ... on Message { id language { locale confidence engine } } }
}`;

async function languagesOf(tenantId: TenantId, ids: readonly string[]) {
  const messages = ids.map((id) => ({ __typename: 'Message', id }));
  const { data, errors } = await ask(automation.subgraph, anAgent(tenantId), languageQuery, { messages });
  expect(errors).toEqual([]);
  return (data as { _entities: { id: string; language: { locale: string } | null }[] })._entities.map(
    (m) => m.language,
  );
}

const analysedOf = (conversationId: string) => (event: { aggregateId: string }) => event.aggregateId === conversationId;

test('detects the language of messages in both directions and publishes it in order', async () => {
  const tenantId = newId<TenantId>();
  const conversationId = newId<ConversationId>();
  const asked = givenMessage({
    tenantId,
    conversationId,
    content: { kind: 'text', text: '배송은 언제 되나요? 240918ABCX7' },
  });
  const answered = givenMessage({
    tenantId,
    conversationId,
    direction: 'outbound',
    author: 'seller',
    content: { kind: 'text', text: 'Your parcel is on its way' },
  });
  await harness.publish(asked, answered);
  const events = await harness.events.count('automation.message-analysed', 2, analysedOf(conversationId));
  expect(events.map((event) => event.data)).toMatchObject([
    { messageId: asked.data.messageId, language: 'ko', engine: 'crossdesk-script/2' },
    { messageId: answered.data.messageId, language: 'en' },
  ]);
  // The triage of the first message is the second event.
  expect(events.map((event) => event.aggregateVersion)).toEqual([1, 3]);
  expect(events[0]).toMatchObject({ causationId: asked.id, causationDepth: 1, correlationId: asked.correlationId });
  expect(await languagesOf(tenantId, [answered.data.messageId, asked.data.messageId])).toMatchObject([
    { locale: 'en' },
    { locale: 'ko', confidence: 1 },
  ]);
});

test('a message without words has no language, and that is published once', async () => {
  const tenantId = newId<TenantId>();
  const picture = givenMessage({ tenantId, content: { kind: 'sticker', stickerId: '1', url: null } });
  await harness.publish(picture);
  const event = await harness.events.next('automation.message-analysed', analysedOf(picture.aggregateId));
  expect(event.data).toMatchObject({ language: null, confidence: 0 });
  expect(await languagesOf(tenantId, [picture.data.messageId])).toEqual([null]);
});

test('the same event twice, and the same message as two events, are analysed once', async () => {
  const tenantId = newId<TenantId>();
  const first = givenMessage({ tenantId });
  const again = { ...first, id: newId<typeof first.id>() };
  const last = givenMessage({ tenantId, conversationId: first.data.conversationId });
  await harness.publish(first, first, again, last);
  const isLast = (event: { data: { messageId: MessageId } }) => event.data.messageId === last.data.messageId;
  const closing = await harness.events.next('automation.message-analysed', isLast);
  // The triage of the first message is the second event.
  expect(closing.aggregateVersion).toBe(3);
  const ofFirst = harness.events
    .of('automation.message-analysed')
    .filter((e) => e.data.messageId === first.data.messageId);
  expect(ofFirst).toHaveLength(1);
});

test('events at the end of a chain of causes are ignored', async () => {
  const tenantId = newId<TenantId>();
  const deep: AnyEvent = { ...givenMessage({ tenantId }), causationDepth: causationDepthMax };
  const next = givenMessage({ tenantId, conversationId: deep.aggregateId as ConversationId });
  await harness.publish(deep, next);
  const event = await harness.events.next('automation.message-analysed', analysedOf(deep.aggregateId));
  expect(event.data.messageId).toBe(next.data.messageId);
});

test('a language is shown to its own workspace only, and a malformed id has none', async () => {
  const tenantId = newId<TenantId>();
  const message = givenMessage({ tenantId });
  await harness.publish(message);
  await harness.events.next('automation.message-analysed', analysedOf(message.aggregateId));
  const ids = [message.data.messageId, newId(), 'x', "'; drop table message_analysis; --"];
  expect(await languagesOf(newId<TenantId>(), ids)).toEqual([null, null, null, null]);
  expect(await languagesOf(tenantId, ids)).toMatchObject([{ locale: 'en' }, null, null, null]);
});

test('two workspaces may have messages with the same id', async () => {
  const messageId = newId<MessageId>();
  const conversationId = newId<ConversationId>();
  const [one, other] = [newId<TenantId>(), newId<TenantId>()];
  const german = { kind: 'text', text: 'Wo bleibt mein Paket?' } as const;
  await harness.publish(
    givenMessage({ tenantId: one, messageId, conversationId }),
    givenMessage({ tenantId: other, messageId, conversationId, content: german }),
  );
  await harness.events.count('automation.message-analysed', 2, analysedOf(conversationId));
  expect(await languagesOf(one, [messageId])).toMatchObject([{ locale: 'en' }]);
  expect(await languagesOf(other, [messageId])).toMatchObject([{ locale: 'de' }]);
});

test('only supervisors and admins see dead letters', async () => {
  const query = '{ deadLetters(first: 25) { edges { node { id } } pageInfo { hasNextPage } } }';
  const tenantId = newId<TenantId>();
  const refused = await ask(automation.subgraph, anAgent(tenantId), query);
  expect(refused.errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const anonymous = await ask(automation.subgraph, { kind: 'anonymous' }, query);
  expect(anonymous.errors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  const allowed = await ask(automation.subgraph, anAgent(tenantId, 'supervisor'), query);
  expect(allowed.data).toEqual({ deadLetters: { edges: [], pageInfo: { hasNextPage: false } } });
  const replay = `mutation { replayDeadLetters(input: {consumer: "automation.nobody", key: "k"}) { errors { code } } }`;
  const answer = await ask(automation.subgraph, anAgent(tenantId, 'admin'), replay);
  expect(answer.data).toEqual({ replayDeadLetters: { errors: [{ code: 'NOT_FOUND' }] } });
});

test('S2-7.1: an admin who sees a part of the workspace replays no events and changes no connection', async () => {
  const access = { stores: null, reach: 'own' as const, teams: [] };
  const limited = { ...anAgent(newId<TenantId>(), 'admin'), access };
  const replay = `mutation { replayDeadLetters(input: {consumer: "automation.nobody", key: "k"}) { errors { code } } }`;
  expect((await ask(automation.subgraph, limited, replay)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const others = `mutation { testAssistant { errors { code } } disconnectAssistant { errors { code } } }`;
  const errors = [{ code: 'FORBIDDEN' }];
  expect((await ask(automation.subgraph, limited, others)).data).toEqual({
    testAssistant: { errors },
    disconnectAssistant: { errors },
  });
});

test('5,000 messages of 300 conversations are all analysed', async () => {
  const tenantId = newId<TenantId>();
  const conversations = Array.from({ length: 300 }, () => newId<ConversationId>());
  const messages = Array.from({ length: 5_000 }, (_, i) => {
    const conversationId = conversations[i % conversations.length] ?? newId<ConversationId>();
    return givenMessage({
      tenantId,
      conversationId,
      content: { kind: 'text', text: `Where is parcel LX${i}CN please` },
    });
  });
  const startedAt = performance.now();
  for (let i = 0; i < messages.length; i += 500) await harness.publish(...messages.slice(i, i + 500));
  const stored = await eventually(async () => {
    const { count } = await automation.runtime.db.worker
      .selectFrom('message_analysis')
      .select((eb) => eb.fn.countAll<string>().as('count'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    expect(count).toBe('5000');
    return count;
  });
  process.stdout.write(`automation: ${Math.round(5_000 / ((performance.now() - startedAt) / 1_000))} messages/s\n`);
  expect(stored).toBe('5000');
  const events = await harness.events.count(
    'automation.message-analysed',
    5_000,
    (event) => event.tenantId === tenantId,
  );
  for (const conversationId of conversations) {
    const told = [...events, ...harness.events.of('automation.conversation-triaged')];
    const versions = told.filter(analysedOf(conversationId)).map((event) => event.aggregateVersion);
    expect(versions.toSorted((a, b) => a - b)).toEqual(versions.map((_, index) => index + 1));
  }
}, 60_000);

const understoodQuery = `query ($messages: [_Any!]!) {
  _entities(representations: $messages) { ... on Message {
    intents { intent score isCertain } sentiment { label score } complaint urgency
    risks { class score offsets { start end } } entities { kind offset { start end } }
    analysis { model revision analysedAt } } } }`;

test('S1-4.1 S2-6.1: a message of the buyer is understood, in the event and in the API; others are not', async () => {
  const tenantId = newId<TenantId>();
  const text = 'Refund order NT-900001 now or I call my lawyer!';
  const asked = givenMessage({ tenantId, content: { kind: 'text', text } });
  const { conversationId } = asked.data;
  const answered = givenMessage({
    tenantId,
    conversationId,
    direction: 'outbound',
    author: 'seller',
    content: { kind: 'text', text },
  });
  await harness.publish(asked, answered);
  const events = await harness.events.count('automation.message-analysed', 2, analysedOf(conversationId));
  const model = expect.stringMatching(/^crossdesk-heads\/[0-9a-f]{8}$/);
  const [first, second] = events.map(({ data }) => data);
  expect(first).toMatchObject({
    model,
    revision: 1,
    intents: [{ intent: 'refund' }],
    risks: [{ class: 'legal_threat', offsets: [{ start: 37, end: 46 }] }],
    entities: [{ kind: 'order', start: 13, end: 22 }],
  });
  expect(second).toMatchObject({ messageId: answered.data.messageId, revision: 1 });
  expect(second).not.toHaveProperty('intents');
  expect(JSON.stringify(first)).not.toContain('lawyer');
  const messages = [asked, answered].map(({ data }) => ({ __typename: 'Message', id: data.messageId }));
  const { data, errors } = await ask(automation.subgraph, anAgent(tenantId), understoodQuery, { messages });
  expect(errors).toEqual([]);
  expect(data).toMatchObject({
    _entities: [
      {
        intents: [{ intent: 'REFUND' }],
        risks: [{ class: 'LEGAL_THREAT', offsets: [{ start: 37, end: 46 }] }],
        entities: [{ kind: 'ORDER', offset: { start: 13, end: 22 } }],
        analysis: { model, revision: 1 },
      },
      { intents: [], sentiment: null, complaint: null, risks: [], entities: [], analysis: { model: null } },
    ],
  });
});

test('S4-2.3 S2-6.1: two furious messages make a conversation angry and urgent, told once', async () => {
  const tenantId = newId<TenantId>();
  const texts = [
    'This is unacceptable, I am extremely angry, worst seller ever!!',
    'Nobody answers, you are scammers, terrible service, I want my money back now!',
    'Still nothing, you are useless, terrible service, I am furious!!',
  ];
  const conversationId = newId<ConversationId>();
  for (const text of texts)
    await harness.publish(givenMessage({ tenantId, conversationId, content: { kind: 'text', text } }));
  await harness.events.count('automation.message-analysed', 3, analysedOf(conversationId));
  const told = harness.events.of('automation.sentiment-changed').filter(analysedOf(conversationId));
  expect(told.map(({ data }) => `${data.from} ${data.to}`)).toEqual(['calm tense', 'tense angry']);
  const triaged = harness.events.of('automation.conversation-triaged').filter(analysedOf(conversationId));
  expect(triaged.at(-1)?.data.risks.map((risk) => risk.class)).toContain('fraud_accusation');
  const versions = [
    ...harness.events.of('automation.message-analysed').filter(analysedOf(conversationId)),
    ...told,
    ...triaged,
  ];
  expect(new Set(versions.map((event) => event.aggregateVersion)).size).toBe(versions.length);
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Conversation {
    mood { label mean } triage { enquiryType priority priorityParts { reason points } risks { class score message { id } } model } } } }`;
  const of = [{ __typename: 'Conversation', id: conversationId }];
  const { data, errors } = await ask(automation.subgraph, anAgent(tenantId), query, { of });
  expect(errors).toEqual([]);
  expect(data).toMatchObject({ _entities: [{ mood: { label: 'ANGRY' }, triage: { enquiryType: 'REFUND' } }] });
  const others = await ask(automation.subgraph, anAgent(newId<TenantId>()), query, { of });
  expect(others.data).toEqual({ _entities: [{ mood: null, triage: null }] });
});
