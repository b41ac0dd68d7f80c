import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ChannelAccountId,
  type ConversationId,
  firstIdAt,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type AutomationService, openAutomation } from '../src/app.ts';
import { sampleOf } from '../src/analysis/mood.domain.ts';
import { understand } from '../src/analysis/understand.ts';
import type { ReprocessingId } from '../src/analysis/reprocess/reprocessing.ts';
import { forgetOld } from '../src/forget-old.ts';
import { created, read, said } from './rule.support.ts';

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

const furious = [
  'This is unacceptable, I am extremely angry, worst seller ever!!',
  'Nobody answers, you are scammers, terrible service, I want my money back now!',
  'Still nothing, refund me, you are useless, terrible service, I am furious!!',
];
const hourMs = 3_600_000;
const span = () => ({ from: new Date(Date.now() - hourMs), to: new Date(Date.now() + hourMs) });

interface Place {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
}

const aPlace = (): Place => ({ tenantId: newId<TenantId>(), conversationId: newId<ConversationId>() });

/** Messages of a buyer and their words are known. */
async function told(place: Place, texts: readonly string[]): Promise<MessageId[]> {
  const ids: MessageId[] = [];
  for (const text of texts) {
    const event = said({ ...place, text });
    ids.push(event.data.messageId);
    const content = { kind: 'text', text } as const;
    await harness.publish(givenMessage({ ...place, messageId: event.data.messageId, content }), event);
  }
  await harness.events.count('automation.message-analysed', texts.length, ofConversation(place));
  await eventually(async () => expect(await count('message_text', place.tenantId)).toBe(texts.length));
  return ids;
}

/** As if an earlier model had understood thanks in all of them. */
async function misunderstood({ tenantId, conversationId }: Place, ids: readonly MessageId[]): Promise<void> {
  const wrong = { ...understand('Thank you, I love it, perfect', 'en'), model: 'crossdesk-heads/earlier' };
  const { worker } = automation.runtime.db;
  await worker
    .updateTable('message_analysis')
    .set({ understanding: JSON.stringify(wrong) })
    .where('tenant_id', '=', tenantId)
    .execute();
  const samples = ids.map((messageId, n) => sampleOf(messageId, Date.now() + n, wrong));
  await worker
    .updateTable('analysed_conversation')
    .set({ mood: JSON.stringify({ label: 'calm', mean: 1, samples }), triage: null })
    .where('conversation_id', '=', conversationId)
    .execute();
}

const shown = 'reprocessing(id: $id) { state messages revised finishedAt }';

async function reprocessed(tenantId: TenantId): Promise<unknown> {
  const { from, to } = span();
  const mutation = `mutation ($input: ReprocessInput!) { reprocess(input: $input) { reprocessing { id } errors { code } } }`;
  const input = { clientMutationId: newId(), from: from.toISOString(), to: to.toISOString() };
  const { reprocess } = (await read(automation, tenantId, mutation, { input }, 'supervisor')) as {
    reprocess: { reprocessing: { id: string }; errors: unknown[] };
  };
  expect(reprocess.errors).toEqual([]);
  return done(tenantId, reprocess.reprocessing.id);
}

const done = (tenantId: TenantId, id: string) =>
  eventually(async () => {
    const { reprocessing } = await read(automation, tenantId, `query ($id: ID!) { ${shown} }`, { id }, 'supervisor');
    expect(reprocessing).toMatchObject({ state: 'DONE' });
    return reprocessing;
  });

async function moodOf({ tenantId, conversationId }: Place): Promise<unknown> {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Conversation {
    mood { label } triage { enquiryType risks { class } } } } }`;
  const of = [{ __typename: 'Conversation', id: conversationId }];
  const { _entities } = (await read(automation, tenantId, query, { of })) as { _entities: unknown[] };
  return _entities[0];
}

const ofConversation =
  ({ conversationId }: Place) =>
  (event: { readonly aggregateId: string }) =>
    event.aggregateId === conversationId;

async function count(table: 'evaluation' | 'decision' | 'message_text', tenantId: TenantId): Promise<number> {
  const rows = await automation.runtime.db.worker
    .selectFrom(table)
    .select('tenant_id')
    .where('tenant_id', '=', tenantId)
    .execute();
  return rows.length;
}

test('S1-4.7: messages are understood again with the present model; only corrections are told, and nothing is done', async () => {
  const place = aPlace();
  const { tenantId } = place;
  await created(automation, tenantId, {}, 'AUTO');
  const ids = await told(place, furious);
  await eventually(async () => expect(await count('evaluation', tenantId)).toBe(3));
  await misunderstood(place, ids);
  const before = [await count('evaluation', tenantId), await count('decision', tenantId)];
  expect(await moodOf(place)).toEqual({ mood: { label: 'CALM' }, triage: null });

  expect(await reprocessed(tenantId)).toMatchObject({ messages: 3, revised: 3, finishedAt: expect.any(String) });
  const events = await harness.events.count('automation.message-analysed', 6, ofConversation(place));
  expect(events.slice(3).map(({ data }) => [data.messageId, data.revision])).toEqual(ids.map((id) => [id, 2]));
  expect(events.at(-1)?.data).toMatchObject({ sentiment: { label: 'negative' } });
  const moods = harness.events.of('automation.sentiment-changed').filter(ofConversation(place));
  expect(moods.at(-1)?.data).toMatchObject({ from: 'calm', to: 'angry', messageId: ids[2] });
  expect(await moodOf(place)).toMatchObject({ mood: { label: 'ANGRY' }, triage: { enquiryType: 'REFUND' } });

  expect(await reprocessed(tenantId)).toMatchObject({ messages: 3, revised: 0 });
  expect([await count('evaluation', tenantId), await count('decision', tenantId)]).toEqual(before);
});

test('S1-4.7: another worker goes on where the one before died', async () => {
  const place = aPlace();
  const { tenantId } = place;
  const ids = await told(place, furious);
  await misunderstood(place, ids);
  const id = newId<ReprocessingId>();
  const { from, to } = span();
  await automation.runtime.db.worker
    .insertInto('reprocessing')
    .values({
      ...{ tenant_id: tenantId, id, from_at: from, to_at: to, state: 'running', messages: 1, revised: 1, tries: 1 },
      ...{ after_message: ids[0] ?? firstIdAt(from), due_at: from, requested_at: from, finished_at: null },
    })
    .execute();
  // Wakes the worker.
  await reprocessed(newId<TenantId>());
  expect(await done(tenantId, id)).toMatchObject({ messages: 3, revised: 3 });
  const events = await harness.events.count('automation.message-analysed', 5, ofConversation(place));
  expect(events.slice(3).map(({ data }) => data.messageId)).toEqual(ids.slice(1));
});

test('S1-4.1: an edited message is understood again', async () => {
  const place = aPlace();
  const [messageId] = await told(place, ['Thank you, I love it']);
  if (messageId === undefined) throw new Error('no message');
  const change = { kind: 'edited', content: { kind: 'text', text: 'I want a refund or I call my lawyer' } } as const;
  const data = { conversationId: place.conversationId, messageId, accountId: newId<ChannelAccountId>(), change };
  const edit = anEvent(
    'ingest.message-changed',
    { ...data, channel: 'shopee', by: 'buyer' },
    { tenantId: place.tenantId, aggregateId: place.conversationId },
  );
  await harness.publish(edit);
  const [, revised] = await harness.events.count('automation.message-analysed', 2, ofConversation(place));
  expect(revised).toMatchObject({ causationId: edit.id, data: { revision: 2, intents: [{ intent: 'refund' }] } });
  expect(await moodOf(place)).toMatchObject({
    triage: { enquiryType: 'REFUND', risks: [{ class: 'LEGAL_THREAT' }] },
  });
});

test('S2-6.1: two conversations that turn out to be one have one mood', async () => {
  const older = aPlace();
  const younger = { tenantId: older.tenantId, conversationId: newId<ConversationId>() };
  const text = (one: string | undefined) => ({ kind: 'text', text: one ?? '' }) as const;
  const first = givenMessage({ ...older, content: text(furious[0]) });
  const twice = givenMessage({ ...younger, content: text(furious[0]) });
  const second = givenMessage({ ...younger, content: text(furious[1]) });
  await harness.publish(first, twice, second);
  await harness.events.count('automation.message-analysed', 2, ofConversation(younger));
  await harness.events.next('automation.message-analysed', ofConversation(older));
  expect(await moodOf(older)).not.toMatchObject({ mood: { label: 'ANGRY' } });
  const joined = anEvent(
    'ingest.threads-joined',
    {
      conversationId: younger.conversationId,
      intoConversationId: older.conversationId,
      accountId: newId<ChannelAccountId>(),
      externalThreadId: 'thread',
      duplicates: [{ messageId: twice.data.messageId, sameAsMessageId: first.data.messageId }],
    },
    { tenantId: older.tenantId, aggregateId: younger.conversationId },
  );
  await harness.publish(joined, joined);
  const changed = await harness.events.next(
    'automation.sentiment-changed',
    (event) => event.aggregateId === older.conversationId && event.data.to === 'angry',
  );
  expect(changed).toMatchObject({ causationId: joined.id, data: { messageId: second.data.messageId } });
  expect(await moodOf(older)).toMatchObject({
    ...{ mood: { label: 'ANGRY' }, triage: { risks: [{ class: 'FRAUD_ACCUSATION' }, { class: 'ANGER' }] } },
  });
});

test('translations are kept for 13 months, and messages that wait for one for 90 days', async () => {
  const { tenantId, conversationId } = aPlace();
  const { db } = automation.runtime;
  const states = ['translated', 'waiting'] as const;
  for (const state of states)
    await db.worker
      .insertInto('message_translation')
      .values({
        ...{ tenant_id: tenantId, message_id: newId<MessageId>(), conversation_id: conversationId, state, tries: 0 },
        ...{ target_locale: 'en', source_locale: 'de', source: 'Hallo', target: null, engine: null, due_at: null },
        ...{ findings: '[]', changed_at: new Date() },
      })
      .execute();
  const keptAfter = async (days: number) => {
    await forgetOld({ db, clock: { now: () => new Date(Date.now() + days * 24 * hourMs) } });
    const rows = await db.worker
      .selectFrom('message_translation')
      .select('state')
      .where('tenant_id', '=', tenantId)
      .execute();
    return rows.map(({ state }) => state).toSorted();
  };
  expect(await keptAfter(89)).toEqual([...states]);
  expect(await keptAfter(91)).toEqual(['translated']);
  expect(await keptAfter(397)).toEqual([]);
});
