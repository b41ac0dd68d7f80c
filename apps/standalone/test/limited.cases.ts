import { beforeAll, describe, expect, test } from '@jest/globals';
import { createAgent } from '@crossdesk/conversation';
import { newId, type TenantId } from '@crossdesk/contracts';
import type { Access, Subgraph } from '@crossdesk/service-kit';
import { anAgent, ask } from '@crossdesk/testkit';
import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Api } from './support/api.ts';
import {
  comparable,
  idOf,
  type IdSlot,
  nameOfSlot,
  operationOf,
  queriesWithoutIds,
  selectionOf,
} from './support/id-arguments.ts';
import type { Installation } from './support/installation.ts';
import { beginningOf, liveClient, readEvents } from './support/live.ts';
import { roleOf } from './support/planted.ts';
import type { ConnectedAccount, Workspace } from './support/workspace.ts';

/** What belongs to a store: for a role that includes other stores it does not exist. */
const ofStore: ReadonlySet<string> = new Set([
  ...['account', 'case', 'conversation', 'customer', 'decision', 'erasure', 'inboxEvent', 'message', 'note', 'order'],
  ...['followUp', 'feedback'],
  ...['parkedWebhook', 'pictureMessage', 'replyDraft', 'suggestion', 'translationDraft', 'unknownMessage'],
]);

interface Planted {
  readonly here: Installation;
  readonly stranger: Workspace;
  readonly strangerTenant: TenantId;
  readonly subgraphs: Readonly<Record<string, Subgraph>>;
  /** One of everything in their workspace. */
  readonly own: Readonly<Record<string, string>>;
  readonly ownShop: ConnectedAccount;
  answerTo(api: Api, slot: IdSlot, id: string): ReturnType<Api['answer']>;
  entitySchemaOf(service: string): GraphQLSchema;
}

/** An answer contains no id of anything of a store, and no word that was written there. */
function expectNothingOfStores(own: Planted['own'], answer: unknown, given: string | null): void {
  const text = JSON.stringify(answer);
  expect(text).not.toMatch(/plain (buyer|asks|note|gone)/);
  for (const kind of ofStore) if (own[kind] !== given) expect(text).not.toContain(own[kind]);
}

/** An admin of the workspace with a role of other stores. */
async function limitedAdmin({ here, stranger, strangerTenant }: Planted): Promise<Api> {
  const person = { displayName: 'limited', email: 'limited@stranger.example', password: 'a long enough password' };
  const { id } = await createAgent(here.running().conversation, strangerTenant, { ...person, role: 'admin' });
  const roleId = await roleOf(stranger, 'elsewhere', [newId()]);
  const assign = `mutation($input: AssignRoleInput!) { assignRole(input: $input) { errors { code } } }`;
  const input = { agentId: id, roleId, expectedVersion: 1 };
  expect(await stranger.admin.ask(assign, { input })).toEqual({ assignRole: { errors: [] } });
  const signIn = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }`;
  const { email, password } = person;
  const signedIn = await here
    .api(null)
    .ask<{ signIn: { accessToken: string } }>(signIn, { input: { workspace: 'stranger', email, password } });
  return here.api(signedIn.signIn.accessToken);
}

function listCases(schema: GraphQLSchema, planted: () => Planted, limited: () => Api): void {
  test('no list, counter or other query shows anything of them', async () => {
    const { own } = planted();
    for (const field of queriesWithoutIds(schema)) {
      const { query, variables } = operationOf(schema, 'query', field, () => undefined, true);
      expectNothingOfStores(own, await limited().answer(query, variables), null);
    }
    const { nodes } = await limited().ask<{ nodes: unknown[] }>(`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, {
      ids: [...ofStore].map((kind) => idOf(own, kind)),
    });
    expect(new Set(nodes)).toEqual(new Set([null]));
  });
}

/** The rules of the workspace keep the ids of stores; what they are is shown as their service shows it. */
const onlyStored: ReadonlySet<string> = new Set(['saveRouting.input.rules.accountIds']);

const entities = [
  ['ingest', 'ChannelAccount', 'account'],
  ['ingest', 'Order', 'order'],
  ['ingest', 'Message', 'message'],
  ['conversation', 'Case', 'case'],
  ['conversation', 'Order', 'order'],
  ['conversation', 'Conversation', 'conversation'],
  ['conversation', 'Message', 'message'],
  ['conversation', 'Note', 'note'],
  ['crm', 'Customer', 'customer'],
  ['crm', 'Conversation', 'conversation'],
  ['crm', 'Feedback', 'feedback'],
  ['crm', 'FollowUp', 'followUp'],
  ['automation', 'AutomationDecision', 'decision'],
  ['automation', 'Conversation', 'conversation'],
  ['automation', 'Message', 'message'],
] as const;

function entityCase(planted: () => Planted): void {
  test('no service shows them as entities', async () => {
    const { strangerTenant, subgraphs, own, entitySchemaOf } = planted();
    const access: Access = { stores: [newId()], reach: 'all', teams: [] };
    const caller = { ...anAgent(strangerTenant, 'admin'), access };
    for (const [service, type, kind] of entities) {
      const objectType = entitySchemaOf(service).getType(type);
      const subgraph = subgraphs[service];
      if (subgraph === undefined || !isObjectType(objectType)) throw new Error(`${service} has no ${type}`);
      const query = `query($of: [_Any!]!) { _entities(representations: $of) { __typename ... on ${type} ${selectionOf(objectType, 2)} } }`;
      const [absentId, id] = [newId(), idOf(own, kind)];
      const entity = async (one: string) =>
        comparable(await ask(subgraph, caller, query, { of: [{ __typename: type, id: one }] }), one);
      expect({ service, type, answer: await entity(id) }).toEqual({ service, type, answer: await entity(absentId) });
    }
  });
}

function liveCase(planted: () => Planted, limited: () => Api): void {
  test('the live stream shows nothing of them, from its very beginning', async () => {
    const { here, stranger, ownShop } = planted();
    const client = liveClient(here.graphqlUrl, limited().token);
    const after = await beginningOf(here.graphqlUrl, limited().token);
    const seen: unknown[] = [];
    const stop = client.subscribe(
      {
        query: `subscription($after: String) { inboxEvents(after: $after) { id conversation { id } } }`,
        variables: { after },
      },
      {
        next: (event) => void seen.push(event),
        error: (problem) => void seen.push(problem),
        complete: () => undefined,
      },
    );
    // By the time somebody who sees them has all events, they would have come here too.
    const buyer = { shop: ownShop.shop, buyer: 'plain buyer' };
    here.twin.buyerSays({ ...buyer, content: { kind: 'text', text: 'the very end' } });
    const other = liveClient(here.graphqlUrl, stranger.admin.token);
    await readEvents(other, after, ({ message }) => message?.text === 'the very end');
    stop();
    await other.dispose();
    await client.dispose();
    expect(seen).toEqual([]);
  });
}

/** The objects of `isolation`, asked for by somebody of the same workspace whose role includes other stores. */
export function limitedCases(
  schema: GraphQLSchema,
  slots: readonly IdSlot[],
  kindOfSlot: Readonly<Record<string, string>>,
  planted: () => Planted,
): void {
  describe('S2-7.1: an admin whose role includes none of the stores', () => {
    let api: Api;
    const limited = () => api;
    beforeAll(async () => {
      api = await limitedAdmin(planted());
    });

    const slotsOfStores = slots.filter(
      (slot) => ofStore.has(kindOfSlot[nameOfSlot(slot)] ?? '') && !onlyStored.has(nameOfSlot(slot)),
    );
    test.each(slotsOfStores.map((slot) => [nameOfSlot(slot), slot] as const))(
      '%s is answered in the same way for their ids and for absent ones',
      async (name, slot) => {
        const { own, answerTo } = planted();
        const [absentId, id] = [newId(), idOf(own, kindOfSlot[name] ?? '')];
        const answer = await answerTo(limited(), slot, id);
        expectNothingOfStores(own, answer, id);
        expect(comparable(answer, id)).toEqual(comparable(await answerTo(limited(), slot, absentId), absentId));
      },
    );

    listCases(schema, planted, limited);
    entityCase(planted);
    liveCase(planted, limited);
  });
}
