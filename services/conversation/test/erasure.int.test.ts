import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CustomerId, type ErasureId, type EventData, newId, type TenantId } from '@crossdesk/contracts';
import { callHandlers } from '@crossdesk/service-kit';
import { anEvent, ask, eventually, givenMessage } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { inboxConsumer } from '../src/consumers/inbox.consumer.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, readConversation, send } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type Message = EventData<'ingest.message-received'>;

function aBuyerErased(
  tenantId: TenantId,
  { conversationId, accountId }: Pick<Message, 'conversationId' | 'accountId'>,
) {
  const data = { erasureId: newId<ErasureId>(), customerId: newId<CustomerId>(), conversationId, accountId };
  return anEvent('ingest.buyer-erased', data, { tenantId, aggregateId: conversationId });
}

const textsQuery = `query($id: ID!) { conversation(id: $id) {
  messages(first: 20, oldestFirst: true) { edges { node { kind text } } } notes { edges { node { text } } } } }`;

async function textsOf(caller: Parameters<typeof readConversation>[1], id: string) {
  const { conversation } = dataOf(await ask(bench.service.subgraph, caller, textsQuery, { id }));
  return {
    messages: conversation.messages.edges.map(({ node }) => node.text),
    notes: conversation.notes.edges.map(({ node }) => node.text),
  };
}

const erasedOf = (erasureId: string) =>
  bench.harness.events.next('conversation.personal-data-erased', ({ data }) => data.erasureId === erasureId);

test('earlier content is gone from tables and history, counts and order stay', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const first = await givenInbound(bench, { tenantId });
  await send(bench, agent, { conversationId: first.conversationId, text: 'Dear Ana' });
  const last = await givenInbound(bench, { tenantId, ...first, messageId: newId(), externalMessageId: 'second' });
  const before = await readConversation(bench, agent, first.conversationId);
  const erased = aBuyerErased(tenantId, last);
  await bench.harness.publish(erased, erased);
  const { data, causationId } = await erasedOf(erased.data.erasureId);
  expect(causationId).toBe(erased.id);
  expect(data.rows).toEqual(expect.arrayContaining([{ table: 'message', count: 3 }]));
  expect(await textsOf(agent, first.conversationId)).toEqual({ messages: ['', '', ''], notes: [] });
  const { buyerName: _name, lastMessagePreview: _preview, ...same } = before;
  expect(await readConversation(bench, agent, first.conversationId)).toEqual({
    ...same,
    buyerName: null,
    lastMessagePreview: null,
  });
  const { rows } = await bench.service.runtime.db.asWorker((trx) =>
    sql<{ n: number }>`
      select count(*)::int as n from outbox_event where tenant_id = ${tenantId}
        and (envelope::text like '%parcel%' or envelope::text like '%Dear Ana%')`.execute(trx),
  );
  expect(rows).toEqual([{ n: 0 }]);
  expect(
    bench.harness.events
      .of('conversation.personal-data-erased')
      .filter((one) => one.data.erasureId === erased.data.erasureId),
  ).toHaveLength(1);
});

test('in one batch, earlier messages are erased and later ones are not', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const before = givenMessage({ tenantId });
  const { conversationId } = before.data;
  const erased = aBuyerErased(tenantId, before.data);
  const renamed = { ...before.data.buyer, name: 'Ana again' };
  const behind = givenMessage({
    tenantId,
    conversationId,
    content: { kind: 'text', text: 'me again' },
    buyer: renamed,
  });
  const consumer = inboxConsumer(bench.service.runtime);
  await bench.service.runtime.db.asWorker((trx) =>
    callHandlers(
      consumer,
      trx,
      [before, erased, behind].map((event) => ({ event, traceparent: null })),
    ),
  );
  expect((await textsOf(agent, conversationId)).messages.toSorted()).toEqual(['', 'me again']);
  expect(await readConversation(bench, agent, conversationId)).toMatchObject({
    buyerName: 'Ana again',
    unreadCount: 2,
  });
});

test('an event that waits as a dead letter is erased before it is applied', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const { conversationId, ...rest } = await givenInbound(bench, { tenantId });
  const parked = givenMessage({ tenantId, conversationId, content: { kind: 'text', text: 'parked words' } });
  await bench.service.runtime.db.asWorker((trx) =>
    sql`insert into dead_letter (id, tenant_id, consumer, event_id, key, topic, event_type, is_blocking, raw, reason, attempts)
      values (${newId()}, ${tenantId}, 'conversation.inbox', ${parked.id}, ${conversationId}, 'ingest.inbound', ${parked.type},
        false, ${Buffer.from(JSON.stringify(parked))}, 'test', 1)`.execute(trx),
  );
  const erased = aBuyerErased(tenantId, { conversationId, ...rest });
  await bench.harness.publish(erased);
  await erasedOf(erased.data.erasureId);
  const { replayedCount } =
    (await bench.service.runtime.replay({ caller: agent }, 'conversation.inbox', conversationId)) ?? {};
  expect(replayedCount).toBe(1);
  expect((await textsOf(agent, conversationId)).messages).toEqual(['', '']);
});

test('nothing leads from an erased customer to the one who writes there later', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const message = await givenInbound(bench, { tenantId });
  const { conversationId } = message;
  const [erased, later] = [newId<CustomerId>(), newId<CustomerId>()];
  const link = (customerId: CustomerId) =>
    bench.harness.publish(
      anEvent(
        'crm.conversation-linked',
        { conversationId, customerId, order: null },
        { tenantId, aggregateId: conversationId },
      ),
    );
  const found = async (customerId: CustomerId) => {
    const query = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { edges { node { id } } } }';
    const { data } = await ask(bench.service.subgraph, agent, query, { filter: { customerId } });
    return data;
  };
  const here = { conversations: { edges: [{ node: { id: conversationId } }] } };
  await link(erased);
  await eventually(async () => expect(await found(erased)).toEqual(here));
  const event = aBuyerErased(tenantId, message);
  await bench.harness.publish(event);
  await erasedOf(event.data.erasureId);
  await link(later);
  await eventually(async () => expect(await found(later)).toEqual(here));
  expect(await found(erased)).toEqual({ conversations: { edges: [] } });
});
