import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { judge } from '@crossdesk/condition';
import { type AgentId, type ConversationId, type CustomerId, newId, type TenantId } from '@crossdesk/contracts';
import { ask, eventually } from '@crossdesk/testkit';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Attribute } from '../src/attribute/attribute.domain.ts';
import { saveAttribute, saveValue } from '../src/attribute/attribute.store.ts';
import { toConversation } from '../src/conversation/conversation.store.ts';
import { unmarked } from '../src/customer-mark/customer-mark.domain.ts';
import { saveMarks } from '../src/customer-mark/customer-mark.store.ts';
import type { Row } from '../src/db.ts';
import {
  asSeenBy,
  factsOf,
  type ViewCondition,
  type ViewField,
  viewRegistryOf,
} from '../src/view/view-field.domain.ts';
import { listOfView, sqlOf } from '../src/view/view-list.store.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, type Workspace } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const viewFieldsShown =
  'id name scope preset orderBy version condition { leaf { field op values } all { leaf { field } } }';
const saveQuery = `mutation ($input: SaveViewInput!) {
  saveView(input: $input) { view { ${viewFieldsShown} } errors { code path } } }`;
const readQuery = `query ($id: ID!, $first: Int! = 25, $after: String) { view(id: $id) { count { value isExact }
  conversations(first: $first, after: $after) { edges { node { number isInView(viewId: $id) } } pageInfo { hasNextPage endCursor } } } }`;

type Who = Workspace['agent'];
const save = async (who: Who, input: Record<string, unknown>) =>
  dataOf(await ask(bench.service.subgraph, who, saveQuery, { input: { scope: 'OWN', ...input } })).saveView;
const namesOf = async (who: Who) =>
  dataOf(await ask(bench.service.subgraph, who, '{ views { id name } }', {})).views.map(({ name }) => name);

async function read(who: Who, id: string, page: Record<string, unknown> = {}) {
  const { view } = dataOf(await ask(bench.service.subgraph, who, readQuery, { id, ...page }));
  const { edges, pageInfo } = view.conversations;
  expect(edges.map(({ node }) => node.isInView)).not.toContain(false);
  return { numbers: edges.map(({ node }) => node.number), pageInfo, count: view.count };
}

test('a new workspace has views; people add their own, supervisors those of everybody; each has an order of their own', async () => {
  const { agent, admin } = await givenWorkspace(bench);
  const presets = ['Mine', 'Unassigned', 'Urgent', 'Waiting longest', 'With me'];
  expect(await namesOf(agent)).toEqual(presets);
  const leaf = { field: 'conversation.channel', op: 'IN', values: ['whatsapp'] };
  const own = await save(agent, { name: ' WhatsApp ', condition: { leaf } });
  expect(own).toMatchObject({ errors: [], view: { name: 'WhatsApp', scope: 'OWN', version: 1, condition: { leaf } } });
  expect(await save(agent, { name: 'WhatsApp' })).toMatchObject({ errors: [{ code: 'ALREADY_EXISTS' }] });
  expect(await save(agent, { name: 'All', scope: 'ALL' })).toMatchObject({ errors: [{ code: 'FORBIDDEN' }] });
  const all = await save(admin, { name: 'All', scope: 'ALL' });
  expect(await namesOf(admin)).toEqual([...presets, 'All']);
  expect(await namesOf(agent)).toEqual([...presets, 'All', 'WhatsApp']);
  const order = `mutation ($ids: [ID!]!) { orderViews(input: { viewIds: $ids }) { views { name } errors { code } } }`;
  const ordered = dataOf(await ask(bench.service.subgraph, agent, order, { ids: [own.view.id, all.view.id] }));
  expect(ordered.orderViews.views.map(({ name }) => name)).toEqual(['WhatsApp', 'All', ...presets]);
  expect(await namesOf(admin)).toEqual([...presets, 'All']);
  const foreign = { viewId: own.view.id, name: 'mine now', expectedVersion: 1 };
  expect(await save(admin, foreign)).toMatchObject({ view: null, errors: [{ code: 'NOT_FOUND' }] });
  expect(await save(agent, { ...foreign, expectedVersion: 7 })).toMatchObject({
    view: { name: 'WhatsApp' },
    errors: [{ code: 'VERSION_CONFLICT' }],
  });
  const remove = `mutation ($id: ID!) { deleteView(input: { viewId: $id, expectedVersion: 1 }) { errors { code } } }`;
  const removed = async (who: Who, id: string) =>
    dataOf(await ask(bench.service.subgraph, who, remove, { id })).deleteView.errors.map(({ code }) => code);
  expect(await removed(agent, all.view.id)).toEqual(['FORBIDDEN']);
  expect(await removed(admin, own.view.id)).toEqual(['NOT_FOUND']);
  expect(await removed(agent, own.view.id)).toEqual([]);
  expect(await namesOf(agent)).toEqual(['All', ...presets]);
  const deep = { not: { not: { not: { leaf } } } };
  const odd = { all: [{ leaf: { field: 'conversation.colour', op: 'IN', values: ['red'] } }, deep] };
  expect((await save(agent, { name: 'odd', condition: odd })).errors).toMatchObject([
    { path: ['input', 'condition', 'all', '0', 'leaf', 'field'] },
    { path: ['input', 'condition', 'all', '1', 'not'] },
  ]);
});

test('a view shows its conversations page by page, as the person who looks sees them', async () => {
  const { agent, agentId, admin, tenantId } = await givenWorkspace(bench);
  const told = await Promise.all(
    [1, 2, 3].map((n) => givenInbound(bench, { tenantId, occurredAt: new Date(Date.UTC(2026, 0, 2, 3, n)) })),
  );
  const views = dataOf(await ask(bench.service.subgraph, agent, '{ views { id name } }', {})).views;
  const idOf = (name: string) => views.find((view) => view.name === name)?.id ?? '';
  const waiting = await read(agent, idOf('Waiting longest'));
  expect(waiting.count).toEqual({ value: 3, isExact: true });
  const first = await read(agent, idOf('Waiting longest'), { first: 2 });
  const rest = await read(agent, idOf('Waiting longest'), { first: 2, after: first.pageInfo.endCursor });
  expect([...first.numbers, ...rest.numbers]).toEqual(waiting.numbers);
  expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
  const assign = `mutation ($input: AssignConversationInput!) { assignConversation(input: $input) { errors { code } } }`;
  const input = { conversationId: told[0]?.conversationId, agentId, expectedVersion: 1 };
  await ask(bench.service.subgraph, agent, assign, { input });
  await eventually(async () => expect((await read(agent, idOf('Mine'))).numbers).toHaveLength(1));
  expect((await read(admin, idOf('Mine'))).numbers).toEqual([]);
  expect((await read(admin, idOf('Unassigned'))).numbers).toHaveLength(2);
});

const people = [newId<AgentId>(), newId<AgentId>()];
const someCustomer = newId<CustomerId>();
const someId: string = someCustomer;
const anAttribute = (key: string, type: Attribute['type'], choices: string[] = []): Attribute => ({
  ...{
    tenantId: newId<TenantId>(),
    id: newId(),
    key,
    labelZh: key,
    labelEn: key,
    type,
    isFilterable: true,
    isArchived: false,
  },
  ...{ version: 1, choices: choices.map((one) => ({ key: one, labelZh: one, labelEn: one, isArchived: false })) },
});
const attributes = [
  anAttribute('size', 'number'),
  anAttribute('day', 'date'),
  anAttribute('kind', 'choice', ['new', 'old']),
  anAttribute('word', 'text'),
];
/** Some conversations have no value: their fields are unknown. */
const valuesOf = (n: number) =>
  attributes.flatMap((attribute, i) => {
    const value = [String(n * 1.5 - 12), `2026-01-${10 + (n % 20)}`, n % 3 === 0 ? 'new' : 'old', `w${n % 4}`][i] ?? '';
    return (n + i) % 3 === 0 ? [] : [{ attribute, value }];
  });
const { fields: allFields } = viewRegistryOf(attributes);
const isBounded = (field: ViewField) => ['number', 'date'].includes(allFields[field]?.type ?? '');
const sampleOf = (field: ViewField): fc.Arbitrary<string> => {
  const spec: { readonly type: string; readonly values?: readonly string[] } = allFields[field] ?? { type: 'word' };
  if (spec.values !== undefined) return fc.constantFrom(...spec.values);
  if (spec.type === 'flag') return fc.constantFrom('true', 'false');
  if (spec.type === 'number') return fc.integer({ min: 0, max: 300 }).map(String);
  if (spec.type === 'date') return fc.integer({ min: 10, max: 29 }).map((day) => `2026-01-${day}`);
  if (field === 'attribute.word') return fc.constantFrom('w0', 'w3', 'none');
  if (field === 'conversation.channel') return fc.constantFrom('shopee', 'whatsapp');
  if (field === 'conversation.language') return fc.constantFrom('pt', 'zh');
  if (field === 'conversation.assignee' || field === 'conversation.members') return fc.constantFrom('me', newId());
  if (field === 'customer.tier') return fc.constantFrom('HIGH_VALUE', 'LOW_ACTIVE');
  return field === 'conversation.tags' || field === 'customer.tags'
    ? fc.constantFrom('gift', 'vip')
    : fc.constantFrom(someId, newId());
};
const leaf = fc.constantFrom(...(Object.keys(allFields) as ViewField[])).chain((field): fc.Arbitrary<ViewCondition> =>
  isBounded(field)
    ? fc.record({
        kind: fc.constant('leaf' as const),
        field: fc.constant(field),
        op: fc.constantFrom('at-least', 'at-most'),
        values: fc.tuple(sampleOf(field)),
      })
    : fc.record({
        kind: fc.constant('leaf' as const),
        field: fc.constant(field),
        op: fc.constant('in' as const),
        values: fc.array(sampleOf(field), { minLength: 1, maxLength: 2 }),
      }),
);
const { condition } = fc.letrec<{ condition: ViewCondition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constantFrom('all', 'any'), of: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not' as const), of: tie('condition') }),
  ),
}));

const customerMarksOfLinked = {
  tags: [{ tag: 'vip', name: 'VIP', agentId: people[0] ?? null, ruleId: null, reason: null }],
  tier: 'HIGH_VALUE',
};
const mark = (isOn: boolean) => ({
  derived: { isOn, score: 0.8, reasons: [], evidence: [], since: new Date(0).toISOString(), calm: 0 },
  word: null,
});
const marksOf = (n: number) => ({
  ...{ marks: { complaint: n % 4 === 0 ? mark(true) : null, risk: mark(n % 5 === 0), dealtWith: [] } },
  ...{ is_complaint: n % 4 === 0, is_risk: n % 5 === 0 },
});

test('the function and the SQL of every condition say the same: true, false or unknown; and lists show what is true', async () => {
  const { tenantId, agentId } = await givenWorkspace(bench);
  const now = new Date();
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  const rows = Array.from({ length: 40 }, (_, n) => ({
    ...{ tenant_id: tenantId, id: newId<ConversationId>(), number: n + 1, account_id: n % 3 === 0 ? someId : newId() },
    ...{ channel: n % 2 === 0 ? 'shopee' : 'whatsapp', external_thread_id: String(n), created_at: ago(n * 7) },
    ...{ state: n % 4 === 0 ? 'unread' : 'handled', unread_count: n % 4 === 0 ? 1 : 0 },
    ...{ priority: ['low', 'normal', 'high', 'urgent'][n % 4], assignee_id: n % 5 === 0 ? agentId : null },
    ...{ phase: n % 4 === 1 ? 'closed' : 'open', team_id: n % 7 === 0 ? someId : null, cycle: 1 },
    ...{ enquiry_type: n % 6 === 0 ? 'refund' : null, enquiry_by: n % 6 === 0 ? 'person' : null },
    ...{ language: n % 3 === 1 ? 'pt' : null, ...marksOf(n) },
    ...{ waiting_since: n % 4 === 0 ? ago(n * 5) : null, last_message_at: ago(n * 3) },
    ...{ version: 1, revision: 1, buyer_version: 0, person_version: 0 },
  }));
  const { db } = bench.service.runtime;
  const columns = sql.join(Object.keys(rows[0] ?? {}).map((name) => sql.ref(name)));
  await db.forTenant(tenantId, (trx) =>
    sql`
      insert into conversation (${columns})
      select ${columns} from json_populate_recordset(null::conversation, ${JSON.stringify(rows)}::json)`.execute(trx),
  );
  const marked = <Value>(every: number, value: Value) =>
    rows.map(({ id }, n) => (n % every === 0 ? [id, value] : null));
  const [tagged, joined, linked] = [marked(3, newId()), marked(4, agentId), marked(5, someId)].map((all) =>
    all.filter((one) => one !== null),
  );
  await db.forTenant(tenantId, async (trx) => {
    const pairs = (all: typeof tagged = []) =>
      sql`select ${tenantId}::uuid, a, b from unnest(${all.map(([a]) => a)}::uuid[], ${all.map(([, b]) => b)}::uuid[]) as p (a, b)`;
    for (const attribute of attributes) await saveAttribute(trx, { ...attribute, tenantId }, now);
    for (const [n, { id }] of rows.entries())
      for (const { attribute, value } of valuesOf(n)) await saveValue(trx, { tenantId, id }, attribute, value);
    await sql`insert into tag values (${tenantId}, ${tagged?.[0]?.[1]}, 'Gift', 'gift', 'red')`.execute(trx);
    await sql`insert into conversation_tag (tenant_id, conversation_id, tag_id) ${pairs(tagged)}`.execute(trx);
    await sql`insert into conversation_customer (tenant_id, conversation_id, customer_id) ${pairs(linked)}`.execute(
      trx,
    );
    await saveMarks(trx, [{ tenantId, customerId: someCustomer, marks: customerMarksOfLinked }]);
    await sql`
      insert into conversation_member (tenant_id, conversation_id, agent_id, role, added_at)
      select p.*, 'member', now() from (${pairs(joined)}) p`.execute(trx);
  });
  const has = (all: typeof tagged, id: string) => all?.some(([one]) => one === id) ?? false;
  const { rows: stored } = await db.forTenant(tenantId, (trx) =>
    sql<Row<'conversation'>>`select * from conversation where tenant_id = ${tenantId}`.execute(trx),
  );
  const read = stored.map(toConversation);
  const verdicts = { true: 'TRUE', false: 'FALSE', null: 'UNKNOWN' } as const;
  await fc.assert(
    fc.asyncProperty(condition, async (written) => {
      const one = asSeenBy(written, agentId);
      const seen = { tenantId, condition: one, now };
      const { rows: said } = await db.forTenant(tenantId, (trx) =>
        sql<{ id: string; verdict: 'true' | 'false' | null }>`
          select c.id, (${sqlOf(seen)})::text as verdict from conversation c where c.tenant_id = ${tenantId}`.execute(
          trx,
        ),
      );
      const bySql = new Map(said.map(({ id, verdict }) => [id, verdicts[verdict ?? 'null']]));
      const byFunction = new Map(
        read.map((conversation) => {
          const { id } = conversation;
          const memberIds = has(joined, id) ? [agentId] : [];
          const tags = has(tagged, id) ? ['Gift'] : [];
          const known = { attributes: valuesOf(conversation.number - 1), customerId: has(linked, id) ? someId : null };
          const customerMarks = has(linked, id) ? customerMarksOfLinked : unmarked;
          const facts = factsOf({ conversation, tags, memberIds, customerMarks, ...known }, now);
          return [conversation.id, judge(one, facts).verdict];
        }),
      );
      expect(bySql).toEqual(byFunction);
      const listed = await db.forTenant(tenantId, (trx) =>
        listOfView(trx, seen, { first: 100, after: null, order: 'LAST_MESSAGE_DESC' }),
      );
      const wanted = read.filter(({ id }) => byFunction.get(id) === 'TRUE');
      expect(listed.rows.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
    }),
    { numRuns: 150 },
  );
  // A rare condition ends where the scan stands, and goes on from there.
  const rare = { kind: 'leaf', field: 'conversation.ageMinutes', op: 'at-least', values: ['270'] } as const;
  const page = { first: 5, after: null, order: 'LAST_MESSAGE_DESC', scannedMax: 10 } as const;
  const short = await db.forTenant(tenantId, (trx) => listOfView(trx, { tenantId, condition: rare, now }, page));
  expect(short.rows).toEqual([]);
  expect(short.stoppedAt).toMatchObject({ id: rows[9]?.id });
});
