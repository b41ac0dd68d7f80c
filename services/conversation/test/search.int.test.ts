import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ConversationId,
  type CustomerId,
  type ErasureId,
  type EventData,
  type ChannelAccountId,
  type MessageChange,
  type MessageId,
  newId,
  type OrderId,
} from '@crossdesk/contracts';
import { aBuyer, anEvent, ask, eventually, type givenMessage, testKeys } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { rebuildSearchIndex } from '../src/index.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, type Workspace } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const searchQuery = `query ($query: String!, $kinds: [SearchKind!], $first: Int! = 25, $after: String, $filter: SearchFilter) {
  search(query: $query, kinds: $kinds, first: $first, after: $after, filter: $filter) {
    edges { node { kind excerpt highlights { start end } at conversation { id } message { id } note { id } } }
    pageInfo { hasNextPage hasPreviousPage endCursor } } }`;

async function search({ agent }: Pick<Workspace, 'agent'>, query: string, more: Record<string, unknown> = {}) {
  const { edges, pageInfo } = dataOf(await ask(bench.service.subgraph, agent, searchQuery, { query, ...more })).search;
  return { hits: edges.map(({ node }) => node), pageInfo };
}

/** The excerpts of what is found, with brackets around the words. */
async function found(workspace: Pick<Workspace, 'agent'>, query: string, more: Record<string, unknown> = {}) {
  const { hits } = await search(workspace, query, more);
  return hits.map(({ excerpt, highlights }) =>
    highlights.reduceRight(
      (shown, { start, end }) => `${shown.slice(0, start)}[${shown.slice(start, end)}]${shown.slice(end)}`,
      excerpt,
    ),
  );
}

const finds = (
  workspace: Pick<Workspace, 'agent'>,
  query: string,
  expected: string[],
  more?: Record<string, unknown>,
) => eventually(async () => expect(await found(workspace, query, more)).toEqual(expected));

function says({ tenantId }: Workspace, text: string, more: Partial<Parameters<typeof givenMessage>[0]> = {}) {
  return givenInbound(bench, { tenantId, content: { kind: 'text', text }, ...more });
}

test('messages are found in any script, and never those of another workspace', async () => {
  const workspace = await givenWorkspace(bench);
  const stranger = await givenWorkspace(bench);
  const texts = ['Onde está meu café?', '我的包裹在哪里', 'พัสดุของฉันอยู่ที่ไหน', 'أين الطلب من فضلك', 'Где моя посылка?'];
  for (const text of texts) await says(workspace, text);
  await says(stranger, 'café 包裹 พัสดุ طلب посылка');
  await finds(workspace, 'посылк', ['Где моя [посылка]?']);
  expect(await found(workspace, 'CAFE')).toEqual(['Onde está meu [café]?']);
  expect(await found(workspace, '包裹')).toEqual(['我的[包裹]在哪里']);
  expect(await found(workspace, '裹在')).toEqual(['我的包[裹在]哪里']);
  expect(await found(workspace, 'พัสดุ')).toEqual(['[พัสดุ]ของฉันอยู่ที่ไหน']);
  expect(await found(workspace, 'طلب')).toEqual(['أين [الطلب] من فضلك']);
  expect(await found(workspace, 'café 包裹')).toEqual([]);
  expect(await found(workspace, '')).toEqual([]);
  expect(await found(await givenWorkspace(bench), 'café')).toEqual([]);
});

test('names, notes and numbers of conversations, orders and shipments are found', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, agent } = workspace;
  const { conversationId, accountId, channel } = await says(workspace, 'hello there');
  const addNote = 'mutation ($input: AddNoteInput!) { addNote(input: $input) { errors { code } } }';
  await ask(bench.service.subgraph, agent, addNote, {
    input: { clientMutationId: 'n', conversationId, text: 'promised a refund' },
  });
  const orderId = newId<OrderId>();
  const order: Omit<EventData<'ingest.order-updated'>, 'shipments'> = {
    ...{ orderId, accountId, channel, externalOrderId: '112-3456789-1234567', state: 'to_ship', platformState: 'x' },
    ...{ buyerExternalId: null, buyerName: null, recipient: null, items: [], total: null },
    ...{ placedAt: new Date(0).toISOString(), platformUpdatedAt: new Date(0).toISOString() },
  };
  const carried = {
    externalShipmentId: 's',
    carrier: null,
    state: 'in_transit',
    platformState: null,
    updatedAt: null,
  } as const;
  const shipments = [{ ...carried, trackingNumber: 'SPXBR0264401' }];
  await bench.harness.publish(
    anEvent(
      'crm.conversation-linked',
      {
        conversationId,
        customerId: newId<CustomerId>(),
        order: { orderId, confidence: 1, reason: 'PLATFORM_REFERENCE' },
      },
      { tenantId, aggregateId: conversationId },
    ),
    anEvent(
      'ingest.order-updated',
      { ...order, shipments: [] },
      { tenantId, aggregateId: orderId, aggregateVersion: 1 },
    ),
    anEvent('ingest.order-updated', { ...order, shipments }, { tenantId, aggregateId: orderId, aggregateVersion: 2 }),
  );
  await finds(workspace, '#11234567891234567', ['#[112-3456789-1234567] #SPXBR0264401']);
  expect(await found(workspace, 'spxbr02644')).toEqual(['#112-3456789-1234567 #[SPXBR0264401]']);
  await finds(workspace, 'refund', ['promised a [refund]']);
  expect(await found(workspace, '#1')).toEqual(['#[1] Ana']);
  const buyer = { ...aBuyer, name: 'Beatriz Ñandú' };
  const named = { conversationId, accountId, channel, buyer };
  await bench.harness.publish(anEvent('ingest.buyer-identified', named, { tenantId, aggregateId: conversationId }));
  await finds(workspace, 'nandu', ['#1 Beatriz [Ñandú]']);
  expect(await found(workspace, 'Ana')).toEqual([]);
  const kindsOf = async (query: string) => (await search(workspace, query)).hits.map(({ kind }) => kind);
  expect(await kindsOf('refund')).toEqual(['NOTE']);
  expect(await kindsOf('112-3456789-1234567')).toEqual(['ORDER']);
  expect(await kindsOf('hello')).toEqual(['MESSAGE']);
});

test('the index follows edits, deletions, joined conversations and erasure', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId } = workspace;
  const first = await says(workspace, 'a blue lamp');
  const second = await says(workspace, 'a green lamp');
  const { conversationId, accountId, messageId, channel } = first;
  const told = { conversationId, messageId, accountId, channel, by: 'buyer' as const };
  const change = (what: MessageChange) =>
    bench.harness.publish(
      anEvent('ingest.message-changed', { ...told, change: what }, { tenantId, aggregateId: conversationId }),
    );
  await finds(workspace, 'lamp', ['a green [lamp]', 'a blue [lamp]']);
  await change({ kind: 'edited', content: { kind: 'text', text: 'a violet lamp' } });
  await finds(workspace, 'violet', ['a [violet] lamp']);
  expect(await found(workspace, 'blue')).toEqual([]);
  await bench.harness.publish(
    anEvent(
      'ingest.threads-joined',
      {
        ...{ conversationId: second.conversationId, intoConversationId: conversationId, accountId },
        ...{ externalThreadId: second.externalThreadId, duplicates: [] },
      },
      { tenantId, aggregateId: second.conversationId },
    ),
  );
  const inFirst = { filter: { conversationId } };
  await finds(workspace, 'lamp', ['a green [lamp]', 'a violet [lamp]'], inFirst);
  await finds(workspace, '#2', []);
  await change({ kind: 'deleted' });
  await finds(workspace, 'lamp', ['a green [lamp]']);
  const erased = { erasureId: newId<ErasureId>(), customerId: newId<CustomerId>(), conversationId, accountId };
  await bench.harness.publish(anEvent('ingest.buyer-erased', erased, { tenantId, aggregateId: conversationId }));
  const { data } = await bench.harness.events.next(
    'conversation.personal-data-erased',
    (event) => event.data.erasureId === erased.erasureId,
  );
  expect(data.rows).toContainEqual({ table: 'search_document', count: 2 });
  expect(await found(workspace, 'lamp')).toEqual([]);
  await finds(workspace, '#1', ['#[1]']);
});

test('pages have no gaps, across months too; filters narrow them', async () => {
  const workspace = await givenWorkspace(bench);
  const months = [Date.UTC(2026, 0, 31, 23, 59), Date.UTC(2026, 1, 1), Date.UTC(2026, 4, 9)];
  const account = newId<ChannelAccountId>();
  for (const [n, ms] of months.entries()) {
    const shop = n === 1 ? { accountId: account } : {};
    await says(workspace, `parcel ${n}`, { messageId: idAt(ms), occurredAt: new Date(ms), ...shop });
  }
  await finds(workspace, 'parcel', ['[parcel] 2', '[parcel] 1', '[parcel] 0']);
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { hits, pageInfo } = await search(workspace, 'parcel', { first: 1, after });
    seen.push(...hits.map(({ excerpt }) => excerpt));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  expect(seen).toEqual(['parcel 2', 'parcel 1', 'parcel 0']);
  const only = (filter: object) => found(workspace, 'parcel', { filter });
  expect(await only({ accountIds: [account] })).toEqual(['[parcel] 1']);
  expect(await only({ accountIds: [] })).toEqual([]);
  expect(await only({ from: '2026-02-01T00:00:00Z', before: '2026-05-01T00:00:00Z' })).toEqual(['[parcel] 1']);
  expect(await only({ conversationId: 'nonsense' })).toEqual([]);
  expect(await found(workspace, 'parcel', { kinds: ['NOTE'] })).toEqual([]);
  const refusal = await ask(bench.service.subgraph, workspace.agent, searchQuery, { query: 'x'.repeat(201) });
  expect(refusal.errors).toEqual([expect.objectContaining({ code: 'BAD_USER_INPUT' })]);
});

test('a rebuild changes nothing in a right index, and repairs a wrong one', async () => {
  const workspace = await givenWorkspace(bench);
  await says(workspace, 'one chair');
  await says(workspace, 'two chairs');
  await finds(workspace, 'chair', ['two [chairs]', 'one [chair]']);
  const rebuild = () => rebuildSearchIndex({ databaseUrl: bench.harness.databaseUrl, keys: testKeys });
  await eventually(async () => expect(await rebuild()).toMatchObject({ differenceCount: 0 }));
  await bench.service.runtime.db.asWorker(async (trx) => {
    await sql`
      update search_document set terms = '' where tenant_id = ${workspace.tenantId} and kind = 'message'`.execute(trx);
    await sql`
      insert into search_document
      select tenant_id, 'note', id, conversation_id, account_id, at, terms from search_document
      where tenant_id = ${workspace.tenantId} and kind = 'conversation'`.execute(trx);
  });
  expect(await found(workspace, 'chair')).toEqual([]);
  expect(await rebuild()).toMatchObject({ differenceCount: 4 });
  expect(await found(workspace, 'chair')).toEqual(['two [chairs]', 'one [chair]']);
});

/** An id that was made at that time. */
function idAt(ms: number): MessageId {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newId<ConversationId>().slice(13)}` as MessageId;
}
