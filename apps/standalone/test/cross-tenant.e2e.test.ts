import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, type TenantId, parseId } from '@crossdesk/contracts';
import { anAgent, eventually, requestAs } from '@crossdesk/testkit';
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import type { Answer } from './support/api.ts';
import { casesOf, fieldsWithIds, selectionOf } from './support/generated-operations.ts';
import { deliver, signGeneric } from './support/generic-delivery.ts';
import { type Installation, openInstallation } from './support/installation.ts';
import { connectShop, seedWorkspace, setUpFirstWorkspace, type Workspace } from './support/workspace.ts';

const marker = 'marker-of-lumina';
let here: Installation;
let lumina: Workspace;
let nordic: Workspace;
let schema: GraphQLSchema;
/** Ids of the first workspace, by the word arguments call them. */
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  here = await openInstallation();
  lumina = await setUpFirstWorkspace((token) => here.api(token), here.running().setupCode, 'lumina');
  nordic = await seedWorkspace((token) => here.api(token), here.running(), 'nordic');
  schema = buildClientSchema(await nordic.admin.ask<IntrospectionQuery>(getIntrospectionQuery()));
  ids = await plant();
}, 60_000);

afterAll(() => here.close());

/** One of everything that has an id, each with the marker in it. */
async function plant(): Promise<Record<string, string>> {
  const shopee = await connectShop(lumina.admin, here.twin, 'shopee', '700000777');
  const generic = await connectShop(lumina.admin, here.twin, 'generic', 'lumina-generic');
  const order = here.twin.buyerOrders({ shop: shopee.shop, buyer: marker });
  here.twin.buyerSays({ shop: shopee.shop, buyer: marker, content: { kind: 'text', text: `${marker} ${order.id}` } });
  await deliver(generic.webhookUrl, signGeneric(generic, `{"${marker}":`));
  const planted = `{
    conversations(first: 1) { edges { node { id messages(first: 1) { edges { node { id } } } customer { id } orderLink { order { id } } } } }
    parkedWebhooks(first: 1) { edges { node { id } } } }`;
  type Found = {
    conversations: {
      edges: {
        node: {
          id: string;
          messages: { edges: { node: { id: string } }[] };
          customer: { id: string };
          orderLink: { order: { id: string } };
        };
      }[];
    };
    parkedWebhooks: { edges: { node: { id: string } }[] };
  };
  const found = await eventually(async () => {
    const data = await lumina.admin.ask<Found>(planted);
    const [node] = data.conversations.edges.map((edge) => edge.node);
    const [message] = node?.messages.edges ?? [];
    const [parked] = data.parkedWebhooks.edges;
    if (node === undefined || message === undefined || parked === undefined) throw new Error('not all is there yet');
    return {
      conversation: node.id,
      message: message.node.id,
      customer: node.customer.id,
      order: node.orderLink.order.id,
      parked: parked.node.id,
    };
  });
  const token = await lumina.admin.ask<{ createApiToken: { apiToken: { id: string } } }>(
    `mutation { createApiToken(input: { name: "${marker}", role: AGENT }) { apiToken { id } } }`,
  );
  const note = `mutation($id: ID!) { addNote(input: { clientMutationId: "n", conversationId: $id, text: "${marker}" }) { note { id } } }`;
  await lumina.agent.ask(note, { id: found.conversation });
  const { conversation } = await lumina.agent.ask<{ conversation: { version: number } }>(
    'query($id: ID!) { conversation(id: $id) { version } }',
    { id: found.conversation },
  );
  const assign = `mutation($input: AssignInput!) { assign(input: $input) { errors { code } } }`;
  const input = {
    conversationId: found.conversation,
    agentId: lumina.agentIds.agent,
    expectedVersion: conversation.version,
  };
  expect(await lumina.agent.ask(assign, { input })).toEqual({ assign: { errors: [] } });
  const { id: inboxEvent } = await anInboxEvent();
  return {
    conversation: found.conversation,
    conversationId: found.conversation,
    message: found.message,
    messageId: found.message,
    customer: found.customer,
    order: found.order,
    channelAccount: shopee.id,
    accountId: shopee.id,
    accountIds: shopee.id,
    agentId: lumina.agentIds.agent,
    assigneeId: lumina.agentIds.agent,
    apiTokenId: token.createApiToken.apiToken.id,
    parkedWebhookId: found.parked,
    inboxEvent,
  };
}

/** An event of the conversation topic, as an integrator would see its id. */
async function anInboxEvent(): Promise<{ id: string }> {
  const { runtime } = here.running().conversation;
  const seen: string[] = [];
  const tail = await runtime.broker.tail(
    { topics: ['conversation.conversation'], from: {}, batchSizeMax: 10 },
    async ({ records }) => {
      for (const record of records) seen.push(record.headers['event-id'] ?? '');
    },
  );
  const id = await eventually(async () => {
    const [first] = seen;
    if (first === undefined) throw new Error('no event yet');
    return first;
  });
  await tail.stop();
  return { id };
}

/** What a caller can tell answers apart by, without the id he asked for himself. */
function seenIn({ data, errors }: Answer, asked: string): string {
  const shown = { data, errors: errors.map(({ message, extensions }) => ({ message, code: extensions?.code })) };
  return JSON.stringify(shown).replaceAll(asked, '<asked>');
}

test('every place of the API that takes an id answers for another workspace as it answers for nothing', async () => {
  const cases = casesOf(schema);
  const covered = new Set<string>();
  const callers = [nordic.admin, nordic.supervisor, nordic.agent];
  let asked = 0;
  for (const one of cases) {
    const foreign = ids[one.kind];
    if (foreign === undefined) throw new Error(`no planted id for ${one.name}: add one of kind ${one.kind}`);
    for (const caller of callers) {
      const answerFor = async (id: string) => seenIn(await caller.answer(one.query, one.variables(id)), id);
      const absent = await answerFor(newId());
      expect([one.name, await answerFor(foreign)]).toEqual([one.name, absent]);
      expect([one.name, (await answerFor(foreign)).includes(marker)]).toEqual([one.name, false]);
      expect([one.name, codesOf(await answerFor('not-an-id'))]).toEqual([one.name, codesOf(absent)]);
      asked += 4;
    }
    covered.add(one.name.replace(/\(.*/, ''));
  }
  expect([...covered].sort()).toEqual(fieldsWithIds(schema).sort());
  console.log(`cross-tenant: ${cases.length} places with an id, ${asked} answers compared`);
  expect(cases.length).toBeGreaterThanOrEqual(20);
}, 120_000);

test('the same questions are answered in the workspace itself: the comparison above compares something', async () => {
  const reads = casesOf(schema).filter(({ name }) => name.startsWith('Query.'));
  for (const one of reads) {
    const own = await lumina.admin.answer(one.query, one.variables(ids[one.kind] ?? ''));
    const absent = await lumina.admin.answer(one.query, one.variables(newId()));
    expect([one.name, JSON.stringify(own) === JSON.stringify(absent)]).toEqual([one.name, false]);
  }
});

/** Null, empty or the code of the refusal: a malformed id may be worded differently, not answered differently. */
function codesOf(answer: string): string[] {
  return [...answer.matchAll(/"code":"([A-Z_]+)"/g)].map((match) => match[1] ?? '');
}

test('lists, counters and searches of another workspace hold nothing of this one', async () => {
  const root = schema.getQueryType();
  const lists = Object.values(root?.getFields() ?? {}).filter((field) =>
    field.args.every((arg) => arg.defaultValue !== undefined || !/!$/.test(String(arg.type))),
  );
  expect(lists.length).toBeGreaterThan(8);
  for (const field of lists) {
    const { data, errors } = await nordic.admin.answer(`{ ${field.name} ${selectionOf(field.type, 0)} }`);
    const text = JSON.stringify({ data, errors });
    expect([field.name, text.includes(marker), Object.values(ids).some((id) => text.includes(id))]).toEqual([
      field.name,
      false,
      false,
    ]);
  }
});

test('every entity of every subgraph is absent for another workspace, also when a subgraph is asked directly', async () => {
  const stranger = requestAs(anAgent(newId<TenantId>(), 'admin'));
  const entities: Readonly<Record<string, string | undefined>> = {
    Conversation: ids['conversation'],
    Message: ids['message'],
    Customer: ids['customer'],
    Order: ids['order'],
    ChannelAccount: ids['channelAccount'],
    Agent: ids['agentId'],
  };
  let asked = 0;
  for (const subgraph of here.running().subgraphs) {
    for (const [typename, foreign] of Object.entries(entities)) {
      const type = schema.getType(typename);
      if (foreign === undefined || type === undefined) throw new Error(`no planted ${typename}`);
      const query = `query($of: [_Any!]!) { _entities(representations: $of) { ... on ${typename} { __typename id } } }`;
      const answerFor = async (id: string) => {
        const variables = { of: [{ __typename: typename, id }] };
        const { data, errors } = await subgraph.execute({ query, variables, operationName: undefined }, stranger);
        return JSON.stringify({ data, errors: errors?.map((error) => error.message) }).replaceAll(id, '<asked>');
      };
      expect([subgraph.name, typename, await answerFor(foreign)]).toEqual([
        subgraph.name,
        typename,
        await answerFor(newId()),
      ]);
      asked += 2;
    }
  }
  expect(asked).toBe(60);
});

test('a token of one workspace is no token of another', async () => {
  const me = await nordic.agent.ask<{ me: { id: string } }>('{ me { id } }');
  expect(parseId(me.me.id)).toBe(nordic.agentIds.agent);
  expect(Object.values(ids)).not.toContain(me.me.id);
});
