import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CustomerId, type ErasureId, newId, type TenantId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anEvent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type Input = Record<string, unknown>;

const saveQuery = `mutation ($input: SaveAttributeInput!) {
  saveAttribute(input: $input) { attribute { key type version isArchived } errors { code path } } }`;
const save = async (caller: Caller, input: Input) =>
  dataOf(
    await ask(bench.service.subgraph, caller, saveQuery, { input: { labelZh: '标签', labelEn: 'Label', ...input } }),
  ).saveAttribute;

async function versionOf(caller: Caller, id: string) {
  const query = 'query ($id: ID!) { conversation(id: $id) { version } }';
  return dataOf(await ask(bench.service.subgraph, caller, query, { id })).conversation.version;
}

const setQuery = `mutation ($input: SetConversationAttributesInput!) { setConversationAttributes(input: $input) {
  conversation { version attributes { attribute { key } value } } errors { code path message } } }`;

async function set(caller: Caller, conversationId: string, values: Record<string, string | null>, input: Input = {}) {
  const wanted = Object.entries(values).map(([key, value]) => ({ key, value }));
  const expectedVersion = await versionOf(caller, conversationId);
  const variables = { input: { conversationId, values: wanted, expectedVersion, ...input } };
  return dataOf(await ask(bench.service.subgraph, caller, setQuery, variables)).setConversationAttributes;
}

async function valuesOf(caller: Caller, id: string): Promise<Record<string, string>> {
  const query = 'query ($id: ID!) { conversation(id: $id) { attributes { attribute { key } value } } }';
  const { attributes } = dataOf(await ask(bench.service.subgraph, caller, query, { id })).conversation;
  return Object.fromEntries(attributes.map(({ attribute, value }) => [attribute.key, value]));
}

async function changesOf(caller: Caller, id: string) {
  const query = `query ($id: ID!) { conversation(id: $id) { timeline { edges { node { changes { field before after } } } } } }`;
  const { timeline } = dataOf(await ask(bench.service.subgraph, caller, query, { id })).conversation;
  return timeline.edges
    .flatMap(({ node }) => node.changes)
    .filter(({ field }) => field.startsWith('ATTRIBUTE'))
    .map(({ field, before, after }) => [field, before, after]);
}

async function defineAll({ admin }: { readonly admin: Caller }) {
  const choices = ['new', 'old'].map((key) => ({ key, labelZh: key, labelEn: key }));
  for (const input of [
    { key: 'size', type: 'NUMBER', isFilterable: true },
    { key: 'wanted_by', type: 'DATE', isFilterable: true },
    { key: 'kind', type: 'CHOICE', choices, isFilterable: true },
    { key: 'occasion', type: 'TEXT' },
  ])
    expect((await save(admin, input)).errors).toEqual([]);
}

test('leads define attributes; people set values of their type, with before and after in the timeline', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, agent, admin } = workspace;
  await defineAll(workspace);
  const denied = await ask(bench.service.subgraph, agent, saveQuery, {
    input: { key: 'mine', labelZh: '标签', labelEn: 'Label', type: 'TEXT' },
  });
  expect(denied.errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const first = await set(agent, conversationId, { size: '012.50', kind: 'new', occasion: ' Wedding ' });
  expect(first).toMatchObject({ errors: [] });
  expect(await valuesOf(agent, conversationId)).toEqual({ size: '12.5', kind: 'new', occasion: 'Wedding' });
  // All or none: the size is not changed, because the kind is refused.
  const refused = await set(agent, conversationId, { size: '9', kind: 'blue' });
  expect(refused.errors).toMatchObject([{ code: 'INVALID_INPUT', path: ['input', 'values'] }]);
  expect((await set(agent, conversationId, { colour: 'red' })).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  const stale = await set(agent, conversationId, { size: '9' }, { expectedVersion: 1 });
  expect(stale.errors).toMatchObject([{ code: 'VERSION_CONFLICT' }]);
  const before = await versionOf(agent, conversationId);
  expect((await set(agent, conversationId, { size: '12.5' })).conversation.version).toBe(before);
  await set(agent, conversationId, { size: '13', kind: null });
  expect(await valuesOf(agent, conversationId)).toEqual({ size: '13', occasion: 'Wedding' });
  expect(await changesOf(agent, conversationId)).toEqual([
    ...[
      ['ATTRIBUTE', 'kind', 'kind'],
      ['ATTRIBUTE_VALUE', 'new', null],
    ],
    ...[
      ['ATTRIBUTE', 'size', 'size'],
      ['ATTRIBUTE_VALUE', '12.5', '13'],
    ],
    ...[
      ['ATTRIBUTE', 'occasion', 'occasion'],
      ['ATTRIBUTE_TEXT', null, 'Wedding'],
    ],
    ...[
      ['ATTRIBUTE', 'kind', 'kind'],
      ['ATTRIBUTE_VALUE', null, 'new'],
    ],
    ...[
      ['ATTRIBUTE', 'size', 'size'],
      ['ATTRIBUTE_VALUE', null, '12.5'],
    ],
  ]);
  const events = await bench.harness.events.count(
    'conversation.attribute-changed',
    5,
    ({ aggregateId }) => aggregateId === conversationId,
  );
  expect(events[3]?.data).toMatchObject({ key: 'size', type: 'number', value: '13', previousValue: '12.5' });
  expect((await save(admin, { key: 'size', type: 'NUMBER', isArchived: true, expectedVersion: 1 })).errors).toEqual([]);
  expect((await set(agent, conversationId, { size: '14' })).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect(await valuesOf(agent, conversationId)).toMatchObject({ size: '13' });
  const list = dataOf(await ask(bench.service.subgraph, agent, '{ attributes { key } }', {})).attributes;
  expect(list.map(({ key }) => key)).toEqual(['kind', 'occasion', 'wanted_by']);
});

test('views ask about filterable attributes; macros and bulk jobs set values', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, admin } = workspace;
  await defineAll(workspace);
  const ids: string[] = [];
  const sorted = (all: readonly (string | undefined)[]) =>
    all.filter((id) => id !== undefined).toSorted((a, b) => (a < b ? -1 : 1));
  for (const [size, day] of [
    ['3', '2026-03-01'],
    ['12', '2026-03-09'],
    ['20', '2026-04-01'],
  ] as const) {
    const { conversationId } = await givenInbound(bench, { tenantId });
    await set(admin, conversationId, { size, wanted_by: day });
    ids.push(conversationId);
  }
  const [small, middle, large] = ids;
  const saveView = `mutation ($input: SaveViewInput!) { saveView(input: $input) { errors { code message path } view { id count { value }
    conversations { edges { node { id } } } } } }`;
  let views = 0;
  const shown = async (condition: Input) => {
    views += 1;
    const input = { name: `view ${views}`, scope: 'OWN', condition };
    return dataOf(await ask(bench.service.subgraph, admin, saveView, { input })).saveView;
  };
  const leaf = (field: string, op: string, ...values: string[]) => ({
    leaf: { field: `attribute.${field}`, op, values },
  });
  const found = async (condition: Input) => {
    const { view, errors } = await shown(condition);
    expect(errors).toEqual([]);
    expect(view.count.value).toBe(view.conversations.edges.length);
    const inView = `query ($id: ID!, $viewId: ID!) { conversation(id: $id) { isInView(viewId: $viewId) } }`;
    const listed = view.conversations.edges.map(({ node }) => node.id);
    for (const id of ids) {
      const { conversation } = dataOf(await ask(bench.service.subgraph, admin, inView, { id, viewId: view.id }));
      expect(conversation.isInView).toBe(listed.includes(id));
    }
    return sorted(listed);
  };
  expect(await found(leaf('size', 'AT_LEAST', '12'))).toEqual(sorted([middle, large]));
  expect(await found({ all: [leaf('wanted_by', 'AT_MOST', '2026-03-31'), leaf('size', 'AT_LEAST', '4')] })).toEqual([
    middle,
  ]);
  expect(await found({ not: leaf('kind', 'IN', 'new') })).toEqual([]);
  expect((await shown(leaf('occasion', 'IN', 'Wedding'))).errors[0]?.message).toContain('There is no such field');
  expect((await shown(leaf('wanted_by', 'AT_MOST', '2026-02-30'))).errors[0]?.message).toContain('YYYY-MM-DD');

  const saveMacro = `mutation ($input: SaveMacroInput!) { saveMacro(input: $input) { macro { id actions { kind attributes { key value } } } errors { code } } }`;
  const values = [{ key: 'kind', value: 'old' }];
  const wish = { clientMutationId: newId(), name: 'Old', scope: 'ALL', actions: [{ setAttributes: values }] };
  const { macro } = dataOf(await ask(bench.service.subgraph, admin, saveMacro, { input: wish })).saveMacro;
  expect(macro.actions).toEqual([{ kind: 'SET_ATTRIBUTES', attributes: values }]);
  const run = `mutation ($input: RunMacroInput!) { runMacro(input: $input) { errors { code } } }`;
  const ran = { clientMutationId: newId(), macroId: macro.id, conversationId: small };
  expect(dataOf(await ask(bench.service.subgraph, admin, run, { input: ran })).runMacro.errors).toEqual([]);
  expect(await found(leaf('kind', 'IN', 'old'))).toEqual([small]);

  const create = `mutation ($input: CreateBulkJobInput!) { createBulkJob(input: $input) { job { id } errors { code } } }`;
  const job = {
    clientMutationId: newId(),
    conversationIds: ids,
    action: { setAttributes: [{ key: 'kind', value: 'new' }] },
  };
  const { createBulkJob } = dataOf(await ask(bench.service.subgraph, admin, create, { input: job }));
  const inState = (state: string) =>
    eventually(async () => {
      const query = 'query ($id: ID!) { bulkJob(id: $id) { state expected { outcome count } } }';
      const { bulkJob } = dataOf(await ask(bench.service.subgraph, admin, query, { id: createBulkJob.job.id }));
      expect(bulkJob.state).toBe(state);
      return bulkJob;
    });
  expect((await inState('READY')).expected).toEqual([{ outcome: 'DONE', count: 3 }]);
  expect(await found(leaf('kind', 'IN', 'new'))).toEqual([]);
  const control = `mutation ($input: ControlBulkJobInput!) { controlBulkJob(input: $input) { errors { code } } }`;
  await ask(bench.service.subgraph, admin, control, { input: { jobId: createBulkJob.job.id, action: 'START' } });
  await inState('DONE');
  expect(await found(leaf('kind', 'IN', 'new'))).toEqual(sorted(ids));
});

test('what people wrote into attributes is erased with the buyer: value, timeline and history; numbers stay', async () => {
  const workspace = await givenWorkspace(bench);
  const { tenantId, agent } = workspace;
  await defineAll(workspace);
  const { conversationId, accountId } = await givenInbound(bench, { tenantId });
  await set(agent, conversationId, { occasion: 'Marigold wedding', size: '4' });
  const ids = { erasureId: newId<ErasureId>(), customerId: newId<CustomerId>(), conversationId, accountId };
  await bench.harness.publish(anEvent('ingest.buyer-erased', ids, { tenantId, aggregateId: conversationId }));
  const { data } = await bench.harness.events.next(
    'conversation.personal-data-erased',
    (event) => event.data.erasureId === ids.erasureId,
  );
  expect(data.rows).toEqual(
    expect.arrayContaining([
      { table: 'attribute_value', count: 1 },
      { table: 'activity', count: 1 },
    ]),
  );
  expect(await valuesOf(agent, conversationId)).toEqual({ size: '4' });
  expect(await changesOf(agent, conversationId)).toEqual([
    ...[
      ['ATTRIBUTE', 'size', 'size'],
      ['ATTRIBUTE_VALUE', null, '4'],
    ],
    ['ATTRIBUTE', 'occasion', 'occasion'],
  ]);
  expect(await traces(tenantId, 'Marigold')).toEqual([0, 0]);
});

async function traces(tenantId: TenantId, word: string): Promise<number[]> {
  const { rows } = await bench.service.runtime.db.asWorker((trx) =>
    sql<{ n: number }>`
      select count(*)::int as n from outbox_event where tenant_id = ${tenantId} and envelope::text like ${`%${word}%`}
      union all
      select count(*)::int from activity a where tenant_id = ${tenantId} and a::text like ${`%${word}%`}`.execute(trx),
  );
  return rows.map(({ n }) => n);
}
