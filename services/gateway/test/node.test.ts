import { afterEach, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { createSubgraph, type RequestContext, type ResolverMap, type Subgraph } from '@crossdesk/service-kit';
import { buildSchema, getNamedType, isInterfaceType, isObjectType } from 'graphql';
import { createNodeLoader, nodeOwners } from '../src/node/node.loader.ts';
import { startGateway, type TestGateway } from './gateway.ts';
import { quietLog, sdlOf, type ServiceName, serviceNames, supergraphSdl } from './services.ts';

const schema = buildSchema(supergraphSdl, { assumeValid: true });

/** A field of each type that its owner has and the gateway does not. */
const shownField: Readonly<Record<keyof typeof nodeOwners, string>> = {
  Agent: 'displayName',
  Article: 'key',
  AutomationDecision: 'code',
  AutomationRule: 'name',
  Case: 'title',
  ChannelAccount: 'displayName',
  Conversation: 'buyerName',
  Customer: 'displayName',
  Erasure: 'status',
  Feedback: 'text',
  FollowUp: 'text',
  Message: 'rawPayload',
  Note: 'text',
  Order: 'externalId',
  ReplyDraft: 'instruction',
  Reprocessing: 'state',
  RuleSimulation: 'state',
  Team: 'name',
  Template: 'name',
  Upload: 'fileName',
};
const selection = Object.entries(shownField)
  .map(([type, field], n) => `... on ${type} { f${n}: ${field} }`)
  .join(' ');
const nodesQuery = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ${selection} } }`;

const ids = Object.fromEntries(Object.keys(nodeOwners).map((type) => [type, newId()]));
const mergedCustomer = newId();

let asked: string[] = [];
let gateway: TestGateway | null = null;
afterEach(async () => {
  asked = [];
  await gateway?.stop();
  gateway = null;
});

/** A service that has one object of each of its types. */
function serviceWith(name: ServiceName): Subgraph {
  const known = (type: string, id: string) => id === ids[type] || (type === 'Customer' && id === mergedCustomer);
  const resolvers = Object.entries(nodeOwners)
    .filter(([, owner]) => owner === name)
    .map(([type]): ResolverMap => ({
      [type]: {
        __resolveReference: ({ id }: { id: string }) => {
          if (!known(type, id)) return null;
          return { id: ids[type], [shownField[type as keyof typeof nodeOwners]]: valueOf(type) };
        },
      },
    }));
  // Both services have a part of each message and conversation, and answer for any id.
  const parts: Partial<Record<ServiceName, ResolverMap>> = {
    ingest: { Message: { __resolveReference: (it: object) => it, rawPayload: () => valueOf('Message') } },
  };
  const subgraph = createSubgraph<RequestContext>({
    name,
    sdl: sdlOf(name),
    log: quietLog,
    context: (request) => request,
    resolvers: [...resolvers, ...(parts[name] === undefined ? [] : [parts[name]])],
  });
  return {
    name,
    execute: (request, context) => {
      asked.push(name);
      return subgraph.execute(request, context);
    },
  };
}

function valueOf(type: string): string {
  const states: Readonly<Record<string, string>> = {
    Erasure: 'COMPLETED',
    Reprocessing: 'DONE',
    RuleSimulation: 'DONE',
  };
  return states[type] ?? `the ${type}`;
}

async function start(changed: Partial<Record<ServiceName, Subgraph>> = {}, apiTokens = {}) {
  const subgraphs = Object.fromEntries(
    serviceNames.map((name) => [name, { kind: 'local', subgraph: changed[name] ?? serviceWith(name) } as const]),
  );
  gateway = await startGateway({ subgraphs, apiTokens });
  return gateway;
}

/** What is read by its own query only, and why. */
const ownQuery: Readonly<Record<string, string>> = {
  BulkJob: 'a page of its own, with its rows',
  Calendar: 'settings of the workspace',
  Campaign: 'for leads only, with its own list',
  ChannelDiagnosis: 'made when it is asked for',
  Outreach: 'explained to leads only, from the list of its customer',
  SlaPolicyVersion: 'a version of a setting, which events name',
  TierRun: 'shown to leads only, until another run is made',
  View: 'a saved list, with its own rights',
  WebhookEndpoint: 'settings of the workspace',
};

test('every object that has a query or a key of its own implements Node', () => {
  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new Error('there is no interface Node');
  const shown = schema.getPossibleTypes(node).map(({ name }) => name);
  expect(shown.toSorted()).toEqual(Object.keys(nodeOwners).toSorted());
  const byId = Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap(({ name, args, type }) => {
    const named = getNamedType(type);
    return isObjectType(named) && args.some((arg) => arg.name === 'id') ? [{ name, type: named.name }] : [];
  });
  expect(byId.filter(({ type }) => !shown.includes(type) && ownQuery[type] === undefined)).toEqual([]);
  const keyed = supergraphSdl.matchAll(/^type (\w+)[^{]*@join__type\([^)]*key: "id"\)/gm);
  const withKey = [...keyed].map(([, type = '']) => type);
  expect(withKey.toSorted()).toEqual(shown.toSorted());
});

test('objects of all types are read by their ids, in one question to each service', async () => {
  const { send, agent, issuer } = await start();
  const absent = newId();
  const wanted = [...Object.values(ids), absent, 'x', '', ids['Order']?.toUpperCase()];
  const { body } = await send(
    { query: nodesQuery, variables: { ids: wanted } },
    { authorization: `Bearer ${await issuer.tokenFor(agent)}` },
  );
  expect(body.errors).toBeUndefined();
  const objects = Object.entries(ids).map(([type, id], n) => ({ __typename: type, id, [`f${n}`]: valueOf(type) }));
  const order = objects.find(({ __typename }) => __typename === 'Order');
  expect(body.data?.['nodes']).toEqual([...objects, null, null, null, order]);
});

test('one lookup serves all ids of an operation, also of several fields', async () => {
  const started = await start();
  const [a, b] = [ids['Order'], ids['Agent']];
  const { body } = await started.ask(
    `{ a: node(id: "${a}") { id } b: node(id: "${b}") { id } none: node(id: "${newId()}") { id } }`,
  );
  expect(body.data).toEqual({ a: { id: a }, b: { id: b }, none: null });
  expect(asked.toSorted()).toEqual(['automation', 'conversation', 'crm', 'ingest']);
});

test('the id of a customer who was merged into another one leads to that one', async () => {
  const started = await start();
  const { body } = await started.ask(`{ node(id: "${mergedCustomer}") { id ... on Customer { displayName } } }`);
  expect(body.data).toEqual({ node: { id: ids['Customer'], displayName: 'the Customer' } });
});

test('a service that does not answer hides only what is not found elsewhere, and says so', async () => {
  const hanging: Subgraph = { name: 'crm', execute: () => new Promise(() => undefined) };
  const started = await start({ crm: hanging });
  const { body: found } = await started.ask(`{ node(id: "${ids['Order']}") { id } }`);
  expect(found).toEqual({ data: { node: { id: ids['Order'] } } });
  const { body } = await started.ask(`{ nodes(ids: ["${ids['Order']}", "${ids['Customer']}"]) { id } }`);
  expect(body.data).toEqual({ nodes: [{ id: ids['Order'] }, null] });
  expect(body.errors).toMatchObject([
    { path: ['nodes', 1], extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'crm', missing: ['nodes'] } },
  ]);
});

test('nobody waits for a service once everything is found', async () => {
  const [order = ''] = [ids['Order']];
  const nodes = createNodeLoader(async (service, { variables }) => {
    if (service === 'crm') return new Promise(() => undefined);
    const asked = variables['of'] as { __typename: string; id: string }[];
    return { _entities: asked.map((one) => (one.__typename === 'Order' ? { id: one.id } : null)) };
  });
  expect(await nodes.load(order)).toEqual({ __typename: 'Order', id: order });
});

test('the token of a program finds what its scopes allow, and is told that it may not see more', async () => {
  const caller = { kind: 'api-token', tenantId: newId(), agentId: newId(), role: 'agent' } as const;
  const token = 'cdk_token';
  const { send } = await start({}, { [token]: { ...caller, scopes: ['ingest-read'] } });
  const variables = { ids: [ids['Order'], ids['Customer']] };
  const { body } = await send(
    { query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', variables },
    { authorization: `Bearer ${token}` },
  );
  expect(body).toMatchObject({
    data: { nodes: [{ id: ids['Order'] }, null] },
    errors: [{ path: ['nodes', 1], extensions: { code: 'FORBIDDEN' }, message: expect.stringContaining('_READ') }],
  });
});

test('a list of ids costs as many units as it is long, and has at most 100', async () => {
  const { send } = await start();
  const list = (length: number) => Array.from({ length }, () => newId());
  const { extensions } = await send({ query: nodesQuery, variables: { ids: list(40) } });
  expect(extensions).toMatchObject({ cost: { used: 40 } });
  const { extensions: written } = await send({ query: `{ nodes(ids: ${JSON.stringify(list(7))}) { id } }` });
  expect(written).toMatchObject({ cost: { used: 7 } });
  const { body } = await send({ query: nodesQuery, variables: { ids: list(101) } });
  expect(body.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
});
