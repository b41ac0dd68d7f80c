import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Buyer, type ChannelAccountId, newId, type TenantId } from '@crossdesk/contracts';
import { aBuyer, anAgent, ask, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { givenOrder } from './given.ts';

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

async function asSupervisor<Result>(tenantId: TenantId, query: string, variables: object = {}): Promise<Result> {
  const { data, errors } = await ask(crm.subgraph, anAgent(tenantId, 'supervisor'), query, { ...variables });
  if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as Result;
}

const numbers = `query($accountId: ID) { dataQuality(accountId: $accountId) {
  customersWithoutOrder conversationsWithoutOrder messagesWithoutCustomer ordersWithoutCustomer } }`;
const list = `query($kind: DataGapKind!, $first: Int! = 25, $after: String) { dataGaps(kind: $kind, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { id kind reason remedy whatToDo whatToDoZh account { id } conversation { id } order { id }
    customer { completeness { score parts { part isKnown } } } } } } }`;

interface Gaps {
  readonly dataGaps: {
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly edges: readonly {
      readonly node: {
        readonly id: string;
        readonly reason: string;
        readonly remedy: string;
        readonly account: { readonly id: string } | null;
        readonly customer: { readonly completeness: { readonly score: number } } | null;
      };
    }[];
  };
}

/** A store with one complete customer, and one of each gap; another store of the same workspace is complete. */
async function givenStores() {
  const tenantId = newId<TenantId>();
  const accountId = newId<ChannelAccountId>();
  const other = newId<ChannelAccountId>();
  const nobody = { ...aBuyer, commerceId: null, name: null };
  const say = (buyer: Buyer, at: ChannelAccountId, externalOrderIds: string[] = []) =>
    givenMessage({ tenantId, accountId: at, buyer, externalOrderIds });
  const complete = say(aBuyer, accountId);
  const noOrder = say({ ...aBuyer, externalId: 'buyer-2', commerceId: 'buyer-2' }, accountId);
  const named = say({ ...aBuyer, externalId: 'buyer-3', commerceId: 'buyer-3' }, accountId, ['MISSING00001']);
  const untold = say({ ...nobody, externalId: 'chat-4' }, accountId);
  const elsewhere = say({ ...aBuyer, externalId: 'buyer-5', commerceId: 'buyer-5' }, other);
  const orders = [
    givenOrder({ tenantId, accountId }),
    givenOrder({ tenantId, accountId, externalOrderId: 'STRANGER0001', buyerExternalId: 'stranger' }),
    givenOrder({ tenantId, accountId, externalOrderId: 'NAMELESS0001', buyerExternalId: null }),
    givenOrder({ tenantId, accountId: other, externalOrderId: 'ELSEWHERE001', buyerExternalId: 'buyer-5' }),
  ] as const;
  await harness.publish(complete, noOrder, named, untold, elsewhere, ...orders);
  return { tenantId, accountId, other, orders, conversations: { complete, noOrder, named, untold } };
}

test('S1-1.9: the numbers of what is not complete are those of the lists, each with its reason and what fills it', async () => {
  const { tenantId, accountId, other, orders, conversations } = await givenStores();
  await eventually(async () =>
    expect(await asSupervisor(tenantId, numbers, { accountId })).toEqual({
      dataQuality: {
        customersWithoutOrder: 3,
        conversationsWithoutOrder: 3,
        messagesWithoutCustomer: 0,
        ordersWithoutCustomer: 2,
      },
    }),
  );
  expect(await asSupervisor(tenantId, numbers, { accountId: other })).toEqual({
    dataQuality: {
      customersWithoutOrder: 0,
      conversationsWithoutOrder: 0,
      messagesWithoutCustomer: 0,
      ordersWithoutCustomer: 0,
    },
  });
  const gaps = async (kind: string, page: object = {}) =>
    (await asSupervisor<Gaps>(tenantId, list, { kind, ...page })).dataGaps;
  const reasons = async (kind: string) =>
    Object.fromEntries((await gaps(kind)).edges.map(({ node }) => [node.id, `${node.reason} ${node.remedy}`]));
  const { noOrder, named, untold } = conversations;
  expect(await reasons('CONVERSATION_WITHOUT_ORDER')).toEqual({
    [noOrder.aggregateId]: 'NO_ORDER_OF_BUYER RESYNC_ORDERS',
    [named.aggregateId]: 'UNKNOWN_ORDER_NAMED RESYNC_ORDERS',
    [untold.aggregateId]: 'BUYER_ID_UNKNOWN RESYNC_MESSAGES',
  });
  expect(await reasons('ORDER_WITHOUT_CUSTOMER')).toEqual({
    [orders[1].data.orderId]: 'BUYER_NEVER_WROTE RESYNC_MESSAGES',
    [orders[2].data.orderId]: 'ORDER_WITHOUT_BUYER RESYNC_ORDERS',
  });
  const customers = await gaps('CUSTOMER_WITHOUT_ORDER');
  expect(customers.edges.map(({ node }) => node.account?.id)).toEqual([accountId, accountId, accountId]);
  expect(customers.edges.map(({ node }) => node.customer?.completeness.score ?? 0).toSorted((a, b) => a - b)).toEqual([
    17, 50, 50,
  ]);
  // Pages do not overlap, and leave nothing out.
  const first = await gaps('CUSTOMER_WITHOUT_ORDER', { first: 2 });
  const rest = await gaps('CUSTOMER_WITHOUT_ORDER', { first: 2, after: first.pageInfo.endCursor });
  expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage, first.totalCount]).toEqual([true, false, 3]);
  expect([...first.edges, ...rest.edges].map(({ node }) => node.id)).toEqual(
    customers.edges.map(({ node }) => node.id),
  );
});

test('a conversation whose link was lost is linked again, and only those of the workspace are', async () => {
  const { tenantId, orders, conversations } = await givenStores();
  const conversationId = conversations.complete.aggregateId;
  await harness.events.next(
    'crm.conversation-linked',
    ({ aggregateId, data }) => aggregateId === conversationId && data.order?.orderId === orders[0].data.orderId,
  );
  await crm.runtime.db.asWorker((trx) =>
    sql`update conversation_link set order_id = null, confidence = null, reason = null
      where conversation_id = ${conversationId}`.execute(trx),
  );
  const relink = `mutation($ids: [ID!]!) { relinkConversations(input: { conversationIds: $ids }) {
    changedCount errors { code path } } }`;
  const other = newId<TenantId>();
  expect(await asSupervisor(other, relink, { ids: [conversationId] })).toEqual({
    relinkConversations: { changedCount: 0, errors: [] },
  });
  expect(await asSupervisor(tenantId, relink, { ids: [conversationId] })).toEqual({
    relinkConversations: { changedCount: 1, errors: [] },
  });
  expect(await asSupervisor(tenantId, relink, { ids: [] })).toEqual({
    relinkConversations: {
      changedCount: null,
      errors: [{ code: 'INVALID_INPUT', path: ['input', 'conversationIds'] }],
    },
  });
  const told = () =>
    harness.events
      .of('crm.conversation-linked')
      .filter(({ aggregateId, actor }) => aggregateId === conversationId && actor.kind === 'agent');
  await eventually(async () => expect(told().map(({ data }) => data.order?.orderId)).toEqual([orders[0].data.orderId]));
});
