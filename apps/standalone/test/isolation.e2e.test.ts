import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWorkspace } from '@crossdesk/conversation';
import { newId, type TenantId } from '@crossdesk/contracts';
import { readSupergraph } from '@crossdesk/gateway';
import { readSdl, type Role, type Subgraph } from '@crossdesk/service-kit';
import { anAgent, ask, eventually } from '@crossdesk/testkit';
import { openSubgraphs } from './support/subgraphs.ts';
import { buildSchema, type GraphQLSchema, isObjectType } from 'graphql';
import { join } from 'node:path';
import type { Api } from './support/api.ts';
import { deliver, signGeneric } from './support/generic-delivery.ts';
import { feedbackOf } from './support/feedback.ts';
import { followUpOf } from './support/follow-ups.ts';
import {
  comparable,
  filledLists,
  idOf,
  idSlots,
  type IdSlot,
  listsOf,
  nameOfSlot,
  operationOf,
  queriesWithoutIds,
  selectionOf,
} from './support/id-arguments.ts';
import { conversationWith, messagesOf } from './support/inbox.ts';
import { type Installation, openInstallation } from './support/installation.ts';
import { kindOfSlot, kinds } from './support/kinds-of-ids.ts';
import { beginningOf, liveClient, readEvents } from './support/live.ts';
import {
  appOf,
  articleOf,
  bulkJobOf,
  caseOf,
  decisionOf,
  erasureOf,
  gapOf,
  jobsOf,
  macroOf,
  notificationOf,
  overviewChangeOf,
  parkEvent,
  plantResync,
  regroupingOf,
  replyDraftOf,
  roleOf,
  sessionOf,
  pictureFrom,
  ruleOf,
  serviceLevelsOf,
  suggestionOf,
  teamOf,
  templateOf,
  translationsOf,
  unknownReply,
  viewOf,
  uploadOf,
  webhookEndpointOf,
} from './support/planted.ts';
import { customerValueOf } from './support/value-customers.ts';
import { shareOut } from './support/tried-ids.ts';
import { limitedCases } from './limited.cases.ts';
import { proposalFor } from './support/who-is-who.ts';
import { campaignOf, outreachFor } from './support/write-unasked.ts';
import {
  type ConnectedAccount,
  connectShop,
  seedWorkspace,
  setUpFirstWorkspace,
  type Workspace,
} from './support/workspace.ts';

/** A word in every text of the workspace that nobody else may see. */
const marker = 'planted7q';
const roles = ['agent', 'supervisor', 'admin'] as const;
type Ids = Readonly<Record<string, string>>;

const malformed = ['', 'x', '1', '%', `' or true --`, '00000000-0000-0000-0000-00000000000', '../../etc'] as const;

const schema = buildSchema(await readSupergraph(), { assumeValid: true });
const slots = idSlots(schema);
const tried = shareOut({ kindOfPlace: kindOfSlot, kinds, ofAnyKind: new Set(['node.id', 'nodes.ids']), malformed });

let here: Installation;
let owner: Workspace;
let stranger: Workspace;
let strangerTenant: TenantId;
let theirs: Ids;
let own: Ids;
let ownShop: ConnectedAccount;
let subgraphs: Readonly<Record<string, Subgraph>>;
let stopServices: () => Promise<void>;
let cases = 0;

beforeAll(async () => {
  // Thousands of queries within a minute, which no person makes.
  here = await openInstallation({ GATEWAY_COST_PER_MINUTE_MAX: '2000000' });
  const api = (token: string | null) => here.api(token);
  owner = await setUpFirstWorkspace(api, here.running().setupCode, 'owner');
  stranger = await seedWorkspace(api, here.running().conversation, 'stranger');
  strangerTenant = (await createWorkspace(here.running().conversation, { slug: 'stranger', name: 'stranger' }))
    .tenantId;
  theirs = (await plant(owner, marker, '106500000000001', '650000001')).ids;
  ({ ids: own, shop: ownShop } = await plant(stranger, 'plain', '106500000000002', '650000002'));
  ({ subgraphs, stop: stopServices } = await openSubgraphs(here.running()));
}, 90_000);

afterAll(async () => {
  process.stdout.write(`isolation: ${cases} cases over ${slots.length} id arguments\n`);
  await stopServices();
  await here.close();
});

/** Creates one of everything in a workspace, with the word in each text. */
async function plant(
  ws: Workspace,
  word: string,
  phoneId: string,
  shopId: string,
): Promise<{ ids: Ids; shop: ConnectedAccount }> {
  const webhookEndpoint = await webhookEndpointOf(ws, word);
  const shop = await connectShop(ws.admin, here.twin, 'generic', `${word}-web`);
  await plantResync(here, shop.id);
  const phone = await connectShop(ws.admin, here.twin, 'whatsapp', phoneId);
  // Before the others: the lists below show the latest conversations.
  const regrouping = await regroupingOf(here, ws, shop, word);
  const buyer = `${word} buyer`;
  const order = here.twin.buyerOrders({ shop: shop.shop, buyer });
  here.twin.buyerSays({ shop: shop.shop, buyer, content: { kind: 'text', text: `${word} asks about ${order.id}` } });
  const conversation = await eventually(async () => {
    const found = await conversationWith(ws.agent, shop.id, buyer);
    expect([found.customer, found.orderLink]).not.toContain(null);
    return found;
  });
  const files = await uploadOf(ws, word);
  const { addNote } = await ws.agent.ask<{ addNote: { note: { id: string } } }>(
    `mutation($input: AddNoteInput!, $tags: AddConversationTagsInput!) {
      addNote(input: $input) { note { id } errors { code } } addConversationTags(input: $tags) { errors { code } } }`,
    {
      input: {
        clientMutationId: word,
        conversationId: conversation.id,
        text: `${word} note`,
        attachments: [files.attachment],
      },
      tags: { conversationId: conversation.id, tags: [`${word} tag`] },
    },
  );
  await eventually(async () => {
    const { version: expectedVersion } = await conversationWith(ws.agent, shop.id, buyer);
    const input = { conversationId: conversation.id, agentId: ws.agentIds.agent, expectedVersion };
    const assign = `mutation($input: AssignConversationInput!) { assignConversation(input: $input) { errors { code } } }`;
    expect(await ws.agent.ask(assign, { input })).toEqual({ assignConversation: { errors: [] } });
  });
  expect(await deliver(shop.webhookUrl, signGeneric(shop, `{"${word} broken`))).toBe(200);
  const unused = JSON.stringify({ type: `${word}.unused`, timestamp: new Date().toISOString(), data: {} });
  expect(await deliver(shop.webhookUrl, signGeneric(shop, unused))).toBe(200);
  type Planted = {
    conversation: { customer: { id: string }; orderLink: { order: { id: string } } };
    parkedWebhooks: { edges: { node: { id: string } }[] };
  };
  const { conversation: linked, parkedWebhooks } = await ws.admin.ask<Planted>(
    `query($id: ID!) { conversation(id: $id) { customer { id } orderLink { order { id } } }
      parkedWebhooks(first: 1) { edges { node { id } } } }`,
    { id: conversation.id },
  );
  await parkEvent(here, ws, word);
  const { createApiToken } = await ws.admin.ask<{ createApiToken: { apiToken: { id: string } } }>(
    `mutation($name: String!) { createApiToken(input: { name: $name, role: AGENT, scopes: [CONVERSATION_READ], expiresInDays: 30 }) { apiToken { id } } }`,
    { name: `${word} token` },
  );
  const client = liveClient(here.graphqlUrl, ws.agent.token);
  const [event] = await readEvents(client, await beginningOf(here.graphqlUrl, ws.agent.token), () => true);
  await client.dispose();
  const template = await templateOf(ws, word);
  const rule = await ruleOf(ws, word);
  const team = await teamOf(ws, word);
  const about = { conversationId: conversation.id, orderId: linked.orderLink.order.id, teamId: team };
  const ids = {
    account: shop.id,
    agent: ws.agentIds.agent,
    apiToken: createApiToken.apiToken.id,
    article: await articleOf(ws, word),
    bulkJob: await bulkJobOf(ws, conversation.id, word),
    macro: await macroOf(ws, word),
    ...(await notificationOf(here, ws)),
    ...(await serviceLevelsOf(ws, word)),
    gap: await gapOf(ws, conversation.id, word),
    suggestion: await suggestionOf(ws, conversation.id),
    channelApp: await appOf(here, ws, word, shopId),
    conversation: conversation.id,
    customer: linked.customer.id,
    erasure: await erasureOf(here, ws, shop, `${word} gone`),
    inboxEvent: event?.id ?? '',
    overviewChange: await overviewChangeOf(here, ws),
    message: messagesOf(conversation)[0]?.id ?? '',
    note: addNote.note.id,
    order: linked.orderLink.order.id,
    parkedWebhook: parkedWebhooks.edges[0]?.node.id ?? '',
    pictureMessage: await pictureFrom(here, ws, phone, word),
    outreach: await outreachFor(here, linked.customer.id, shop.id),
    mergeProposal: await proposalFor(here, linked.customer.id),
    decision: await decisionOf(ws, conversation.id, template),
    rule,
    team,
    case: await caseOf(ws, about, word),
    feedback: await feedbackOf(ws, conversation.id, word),
    followUp: await followUpOf(ws, linked.customer.id, conversation.id, word),
    regrouping,
    role: await roleOf(ws, word),
    session: await sessionOf(ws),
    template,
    ...(await translationsOf(ws, conversation.id, word)),
    replyDraft: await replyDraftOf(ws, conversation.id, word),
    unknownMessage: await unknownReply(here, ws, phone, word),
    view: await viewOf(ws, word),
    ...(await customerValueOf(ws, word)),
    campaign: await campaignOf(ws, word),
    ...files,
    webhookEndpoint,
    ...(await jobsOf(ws, rule)),
  };
  return { ids, shop };
}

function kindOf(slot: string): string {
  const kind = kindOfSlot[slot];
  if (kind === undefined) throw new Error(`kindOfSlot has no entry for ${slot}: add what it refers to`);
  return kind;
}

/** An answer may contain nothing of the owner: no planted word, and no id except the given one. */
function expectNoLeak(answer: unknown, given: string | null): void {
  // Each request has a client id of its own, which comes back.
  const text = JSON.stringify(answer).replaceAll(/"clientMutationId":"generated \d+"/g, '"clientMutationId":"OWN"');
  expect(text).not.toContain(marker);
  for (const id of Object.values(theirs)) if (id !== given) expect(text).not.toContain(id);
}

async function answerTo(api: Api, slot: IdSlot, id: string): Promise<Awaited<ReturnType<Api['answer']>>> {
  cases += 1;
  const place = slot.path.join('.');
  const fill = (path: readonly string[], isRequired = false) => {
    if (path.join('.') === place) return id;
    const name = [slot.field, ...path].join('.');
    const kind = kindOfSlot[name];
    // Other filters of queries are left out; other ids are the caller's own.
    return kind === undefined || (slot.operation === 'query' && !isRequired) ? undefined : own[kind];
  };
  const { query, variables } = operationOf(schema, slot.operation, slot.field, fill);
  const answer = await api.answer(query, variables);
  expect(JSON.stringify(answer.errors)).not.toMatch(/INTERNAL|RATE_LIMITED|QUERY_TOO|GRAPHQL_VALIDATION/);
  return answer;
}

test('every argument that takes an id is covered', () => {
  expect(slots.map(nameOfSlot).toSorted()).toEqual(Object.keys(kindOfSlot).toSorted());
});

describe.each(slots.map((slot) => [nameOfSlot(slot), slot] as const))('%s', (name, slot) => {
  test('finds an object of the own workspace, so that the cases below mean something', async () => {
    const mine = idOf(own, kindOf(name));
    if (slot.operation === 'mutation') return expect(mine).toMatch(/^[0-9a-f-]{36}$|^[\w-]{100,}\.[\w-]+$/);
    const absent = await answerTo(stranger.admin, slot, newId());
    expect(comparable(await answerTo(stranger.admin, slot, mine), mine)).not.toEqual(absent);
  });

  test('answers every role in the same way for absent ids and ids of others', async () => {
    const answersTo = async (role: (typeof roles)[number]) => {
      const api = stranger[role];
      const absentId = newId();
      const absent = comparable(await answerTo(api, slot, absentId), absentId);
      // Admins may see the most: only with them it is tried what does not belong here.
      const { otherKinds, malformed: texts } = tried.get(name) ?? { otherKinds: [], malformed: [] };
      for (const kind of role === 'admin' ? [kindOf(name), ...otherKinds] : [kindOf(name)]) {
        // The name of an attachment is no id: elsewhere it is malformed.
        if (kind === 'attachment' && kindOf(name) !== kind) continue;
        const id = idOf(theirs, kind);
        const answer = await answerTo(api, slot, id);
        expectNoLeak(answer, id);
        expect({ role, kind, answer: comparable(answer, id) }).toEqual({ role, kind, answer: absent });
      }
      if (role !== 'admin') return;
      const upper = idOf(theirs, kindOf(name)).toUpperCase();
      expect(comparable(await answerTo(api, slot, upper), upper)).toEqual(absent);
      for (const text of texts) expectNoLeak(await answerTo(api, slot, text), text);
    };
    // A mutation may change what the next one answers.
    if (slot.operation === 'query') await Promise.all(roles.map(answersTo));
    else for (const role of roles) await answersTo(role);
  });
});

const sdlOf = (service: string) => readSdl(join(import.meta.dirname, '../../../services', service));

function entitySchemaOf(service: string): GraphQLSchema {
  const plain = sdlOf(service)
    .replace(/^extend schema[^)]*\)/m, '')
    .replaceAll(/ @(key\([^)]*\)|requires\([^)]*\)|external|shareable)/g, '');
  // The rooms extend the root types, which federation declares; a service may declare its subscriptions itself.
  const roots = ['Query', 'Mutation', 'Subscription'].filter((name) => !plain.includes(`\ntype ${name} `));
  return buildSchema(`${roots.map((name) => `type ${name} { _: Int }`).join(' ')} ${plain}`);
}

describe('entities', () => {
  const entityKinds: Readonly<Record<string, string>> = {
    Agent: 'agent',
    Article: 'article',
    AutomationDecision: 'decision',
    AutomationRule: 'rule',
    Case: 'case',
    ChannelAccount: 'account',
    Conversation: 'conversation',
    Customer: 'customer',
    Erasure: 'erasure',
    ...{ Feedback: 'feedback', FollowUp: 'followUp' },
    Message: 'message',
    Note: 'note',
    Order: 'order',
    ReplyDraft: 'replyDraft',
    Reprocessing: 'reprocessing',
    RuleSimulation: 'simulation',
    Team: 'team',
    Template: 'template',
    Upload: 'upload',
  };
  function entitiesOf(service: string): string[] {
    return [...sdlOf(service).matchAll(/^type (\w+) @key\(([^)]*)\)/gm)].flatMap(([, type = '', key = '']) =>
      key.includes('resolvable: false') ? [] : [type],
    );
  }

  const all = ['ingest', 'conversation', 'crm', 'automation', 'analytics'].flatMap((service) =>
    entitiesOf(service).map((type) => [service, type] as const),
  );

  test('are all covered', () => {
    expect([...new Set(all.map(([, type]) => type))].toSorted()).toEqual(Object.keys(entityKinds).toSorted());
  });

  test.each(all)('of %s: %s is the same for ids of others and for absent ids', async (service, type) => {
    const [subgraph, objectType] = [subgraphs[service], entitySchemaOf(service).getType(type)];
    if (subgraph === undefined || !isObjectType(objectType)) throw new Error(`${service} has no ${type}`);
    const query = `query($of: [_Any!]!) { _entities(representations: $of) { __typename ... on ${type} ${selectionOf(objectType, 2)} } }`;
    const answer = (role: Role, ids: readonly string[]) => {
      cases += ids.length;
      return ask(subgraph, anAgent(strangerTenant, role), query, { of: ids.map((id) => ({ __typename: type, id })) });
    };
    const entities = async (role: Role, ids: readonly string[]) => {
      const { data, errors } = await answer(role, ids);
      expect(errors).toEqual([]);
      const found: unknown = Reflect.get(Object(data), '_entities');
      if (!Array.isArray(found)) throw new Error(`${service} answers without entities`);
      return ids.map((id, n) => comparable(found[n], id));
    };
    for (const role of roles) {
      const tried = role === 'admin' ? kinds : [entityKinds[type] ?? ''];
      const ids = tried.map((kind) => idOf(theirs, kind));
      const [absent, ...others] = await entities(role, [newId(), ...ids]);
      others.forEach((other, n) => expectNoLeak(other, ids[n] ?? null));
      expect(others).toEqual(ids.map(() => absent));
    }
    for (const text of malformed) expectNoLeak(await answer('admin', [text]), text);
    const [mine, absent] = await entities('admin', [idOf(own, entityKinds[type] ?? type), newId()]);
    expect(mine).not.toEqual(absent);
  });
});

test('nodes finds the own objects of every kind, and nothing of others', async () => {
  const query = `query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`;
  const typesOf = async (ids: Ids) => {
    const { nodes } = await stranger.admin.ask<{ nodes: ({ __typename: string } | null)[] }>(query, {
      ids: Object.values(ids),
    });
    return Object.fromEntries(Object.keys(ids).map((kind, n) => [kind, nodes[n]?.__typename ?? null]));
  };
  expect(await typesOf(own)).toEqual({
    account: 'ChannelAccount',
    agent: 'Agent',
    // A program acts as an agent of the same id.
    apiToken: 'Agent',
    article: 'Article',
    ...{ bulkJob: null, channelApp: null },
    case: 'Case',
    conversation: 'Conversation',
    customer: 'Customer',
    decision: 'AutomationDecision',
    erasure: 'Erasure',
    ...{ feedback: 'Feedback', followUp: 'FollowUp' },
    gap: null,
    glossaryTerm: null,
    ...{ inboxEvent: null, overviewChange: null, macro: null, notification: null, notificationEvent: null },
    mergeProposal: null,
    message: 'Message',
    note: 'Note',
    order: 'Order',
    ...{ outreach: null, parkedWebhook: null },
    pictureMessage: 'Message',
    // The case of deleteAutomationRule has deleted it.
    rule: 'AutomationRule',
    ...{ regrouping: null, role: null, session: null },
    slaPolicy: null,
    team: 'Team',
    ...{ reprocessing: 'Reprocessing', simulation: 'RuleSimulation' },
    suggestion: null,
    template: 'Template',
    replyDraft: 'ReplyDraft',
    ...{ translationDraft: null, translationProvider: null },
    unknownMessage: 'Message',
    ...{ upload: 'Upload', attachment: null },
    webhookEndpoint: null,
    ...{ view: null, segment: null, tagRule: null, tierRun: null, campaign: null },
    calendar: null,
  });
  expect(new Set(Object.values(await typesOf(theirs)))).toEqual(new Set([null]));
});

test('every list shows something to its own workspace, so that the case below means something', async () => {
  const asks = [
    ...queriesWithoutIds(schema).map((field) => () => {
      const { query, variables } = operationOf(schema, 'query', field, () => undefined, true);
      return stranger.admin.answer(query, variables);
    }),
    ...slots
      .filter(({ operation }) => operation === 'query')
      .map((slot) => () => answerTo(stranger.admin, slot, idOf(own, kindOf(nameOfSlot(slot))))),
  ];
  // One after another: where all come at once, a busy machine leaves some without a part of their answer.
  const filled = new Set<string>();
  for (const asked of asks)
    for (const list of filledLists(schema.getQueryType(), (await asked()).data)) filled.add(list);
  // For a list that is named here, `plant` must create an entry in both workspaces.
  expect(listsOf(schema).filter((list) => !filled.has(list))).toEqual([]);
});

test('S1-1.1: lists, counters and all other queries show nothing of others', async () => {
  for (const field of queriesWithoutIds(schema)) {
    for (const role of roles) {
      cases += 1;
      const { query, variables } = operationOf(schema, 'query', field, () => undefined, true);
      const answer = await stranger[role].answer(query, variables);
      expect(JSON.stringify(answer.errors)).not.toContain('INTERNAL');
      expectNoLeak(answer, null);
    }
  }
});

test('the live stream shows nothing of others, from its very beginning', async () => {
  const conversation = await conversationWith(stranger.agent, ownShop.id, 'plain buyer');
  here.twin.buyerSays({ shop: ownShop.shop, buyer: 'plain buyer', content: { kind: 'text', text: 'the end' } });
  const client = liveClient(here.graphqlUrl, stranger.admin.token);
  const after = await beginningOf(here.graphqlUrl, stranger.admin.token);
  const seen = await readEvents(client, after, ({ message }) => message?.text === 'the end');
  await client.dispose();
  expect(seen.map((event) => event.conversation.id)).toContain(conversation.id);
  expectNoLeak(seen, null);
});

limitedCases(schema, slots, kindOfSlot, () => ({
  ...{ here, stranger, strangerTenant, subgraphs, own, ownShop },
  ...{ answerTo, entitySchemaOf },
}));

test('the data of the owner are unchanged, and there were many cases', async () => {
  const { channelAccounts, apiTokens } = await owner.admin.ask<{
    channelAccounts: { edges: { node: { status: string } }[] };
    apiTokens: { edges: { node: { revokedAt: string | null } }[] };
  }>(`{ channelAccounts { edges { node { status } } } apiTokens { edges { node { revokedAt } } } }`);
  expect(channelAccounts.edges.map(({ node }) => node.status)).toEqual(['CONNECTED', 'CONNECTED', 'CONNECTED']);
  expect(apiTokens.edges).toEqual([{ node: { revokedAt: null } }]);
  const conversation = await conversationWith(owner.admin, idOf(theirs, 'account'), `${marker} buyer`);
  expect(conversation).toMatchObject({
    state: 'HANDLED',
    assignee: { id: theirs['agent'] },
    notes: { edges: [{ node: { text: `${marker} note` } }] },
  });
  // A template was sent.
  expect(messagesOf(conversation)).toHaveLength(2);
  expect(cases).toBeGreaterThanOrEqual(300);
});
