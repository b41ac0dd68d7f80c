import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type ChannelAccountId,
  type CustomerId,
  type ErasureId,
  type EventData,
  type EventType,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { type Caller, openDatabase } from '@crossdesk/service-kit';
import { anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { caseListQuery } from '../src/case/case-list.store.ts';
import { createAgent } from '../src/index.ts';
import {
  type Bench,
  dataOf,
  givenInbound,
  givenWorkspace,
  openBench,
  password,
  readConversation,
  type Workspace,
} from './given.ts';

const minuteMs = 60_000;
let shiftedMs = 0;
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ now: () => new Date(Date.now() + shiftedMs) });
});
afterAll(() => bench.close());

const fields = `id number type title state allowedStates priority owner { id } team { id } cycle isOverdue version
  due { at warnAt basis policyVersion } customer { id } conversations { id } orders { id } watchers { id }
  timeline { totalCount edges { node { kind text actor { kind agent { id } } changes { field before after } } } }`;
const inputs = {
  escalateConversation: 'EscalateConversationInput',
  assignCase: 'AssignCaseInput',
  setCaseState: 'SetCaseStateInput',
  updateCase: 'UpdateCaseInput',
  linkCase: 'CaseLinkInput',
  unlinkCase: 'CaseLinkInput',
  watchCase: 'WatchCaseInput',
  addCaseNote: 'AddCaseNoteInput',
} as const;

/** Performs a mutation of cases. */
async function act(caller: Caller, name: keyof typeof inputs, input: Record<string, unknown>) {
  const query = `mutation ($input: ${inputs[name]}!) { ${name}(input: $input) { case { ${fields} } errors { code path message } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { input }))[name];
}

/** Performs a mutation that must be done. */
async function done(caller: Caller, name: keyof typeof inputs, input: Record<string, unknown>) {
  const { case: one, errors } = await act(caller, name, input);
  expect({ name, errors }).toEqual({ name, errors: [] });
  return one;
}

const escalate = (caller: Caller, conversationId: string, input: Record<string, unknown>) =>
  act(caller, 'escalateConversation', {
    ...{ clientMutationId: newId(), conversationId, type: 'REFUND', title: 'Broken on arrival', ...input },
  });

async function read(caller: Caller, id: string) {
  const query = `query ($id: ID!) { case(id: $id) { ${fields} } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { id })).case;
}

async function listed(caller: Caller, filter: object, orderBy = 'OPENED_DESC'): Promise<string[]> {
  const query = `query ($filter: CaseFilter, $orderBy: CaseOrder!, $after: String) { cases(first: 2, filter: $filter, orderBy: $orderBy, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`;
  const ids: string[] = [];
  for (let after: string | null = null; ;) {
    const { cases } = dataOf(await ask(bench.service.subgraph, caller, query, { filter, orderBy, after }));
    ids.push(...cases.edges.map(({ node }) => node.id));
    after = cases.pageInfo.endCursor;
    if (cases.pageInfo.hasNextPage) continue;
    expect(cases.totalCount).toBe(ids.length);
    return ids;
  }
}

async function person(ws: Workspace, name: string, role: 'agent' | 'supervisor' = 'agent') {
  const email = `${name}@${ws.slug}.example.com`.toLowerCase();
  const { id } = await createAgent(bench.service, ws.tenantId, { displayName: name, email, password, role });
  return { id, caller: anAgent(ws.tenantId, role, id) };
}

async function teamOf(admin: Caller, memberIds: readonly string[]): Promise<string> {
  const query = 'mutation ($input: SaveTeamInput!) { saveTeam(input: $input) { team { id } } }';
  const input = { name: `Team ${newId()}`, memberIds };
  return dataOf(await ask(bench.service.subgraph, admin, query, { input })).saveTeam.team.id;
}

async function told(caller: Caller): Promise<string[]> {
  const query = '{ notifications(first: 50) { edges { node { kind case { id } } } } }';
  const { notifications } = dataOf(await ask(bench.service.subgraph, caller, query));
  return notifications.edges.flatMap(({ node }) => (node.kind.startsWith('CASE') ? [node.kind] : [])).toSorted();
}

const eventsOf = <Type extends EventType>(type: Type, caseId: string, count: number) =>
  bench.harness.events.count(type, count, ({ aggregateId }) => aggregateId === caseId);

/** Lets an order be known. */
async function anOrder(tenantId: TenantId, accountId: ChannelAccountId): Promise<OrderId> {
  const orderId = newId<OrderId>();
  const order: EventData<'ingest.order-updated'> = {
    ...{ orderId, accountId, channel: 'shopee', externalOrderId: `2601${orderId}`, state: 'to_ship' },
    ...{ platformState: 'READY_TO_SHIP', buyerExternalId: null, buyerName: null, total: null, recipient: null },
    ...{ items: [], shipments: [], placedAt: new Date(0).toISOString() },
    platformUpdatedAt: new Date(0).toISOString(),
  };
  await bench.harness.publish(anEvent('ingest.order-updated', order, { tenantId, aggregateId: orderId }));
  await eventually(async () => {
    const { rows } = await bench.service.runtime.db.asWorker((trx) =>
      sql`select from order_facts where tenant_id = ${tenantId} and order_id = ${orderId}`.execute(trx),
    );
    expect(rows).toHaveLength(1);
  });
  return orderId;
}

test('S2-5.3: a case has an owner from the first moment, and takes over what is left of the time', async () => {
  const ws = await givenWorkspace(bench);
  const policy = { name: 'Two hours', targets: [{ metric: 'RESOLUTION', minutes: 120 }] };
  const save = 'mutation ($input: SaveSlaPolicyInput!) { saveSlaPolicy(input: $input) { errors { code } } }';
  await ask(bench.service.subgraph, ws.admin, save, { input: policy });
  const { conversationId } = await givenInbound(bench, { tenantId: ws.tenantId });
  const { waitingSince } = await readConversation(bench, ws.agent, conversationId);
  const sinceMs = Date.parse(waitingSince);
  expect(await escalate(ws.agent, conversationId, {})).toMatchObject({
    case: null,
    errors: [{ code: 'INVALID_INPUT', path: ['input', 'ownerId'] }],
  });
  for (const ownerId of [newId(), 'nobody'])
    expect(await escalate(ws.agent, conversationId, { ownerId })).toMatchObject({
      case: null,
      errors: [{ code: 'NOT_FOUND', path: ['input', 'ownerId'] }],
    });
  const wish = { clientMutationId: 'once', ownerId: ws.adminId, note: 'Third time', priority: 'HIGH' };
  const { case: one } = await escalate(ws.agent, conversationId, wish);
  expect(one).toMatchObject({
    number: 1,
    state: 'OPEN',
    owner: { id: ws.adminId },
    conversations: [{ id: conversationId }],
  });
  expect(one.due).toEqual({
    at: new Date(sinceMs + 120 * minuteMs).toISOString(),
    warnAt: new Date(sinceMs + 90 * minuteMs).toISOString(),
    basis: 'CONVERSATION',
    policyVersion: 1,
  });
  expect((await escalate(ws.agent, conversationId, wish)).case.id).toBe(one.id);
  expect((await escalate(ws.agent, conversationId, { ...wish, title: 'Other' })).errors).toMatchObject([
    { code: 'CLIENT_ID_REUSED' },
  ]);
  const [opened] = await eventsOf('conversation.case-opened', one.id, 1);
  expect(opened?.data).toMatchObject({ ownerId: ws.adminId, conversationId, dueBasis: 'conversation' });
  expect(JSON.stringify(bench.harness.events.all)).not.toContain('Third time');
  // Of a team whoever has the fewest cases gets it.
  const other = await person(ws, 'Cy');
  const teamId = await teamOf(ws.admin, [ws.adminId, other.id]);
  const { case: second } = await escalate(ws.agent, conversationId, { teamId });
  expect(second).toMatchObject({ number: 2, owner: { id: other.id }, team: { id: teamId } });
  const view = `query ($id: ID!) { conversation(id: $id) { cases { number }
    timeline { edges { node { changes { field after } } } } } }`;
  const { conversation } = dataOf(await ask(bench.service.subgraph, ws.agent, view, { id: conversationId }));
  expect(conversation.cases.map(({ number }) => number)).toEqual([2, 1]);
  const changes = conversation.timeline.edges.flatMap(({ node }) => node.changes);
  expect(changes).toEqual(expect.arrayContaining([{ field: 'CASE', after: one.id }]));
  await eventually(async () => expect(await told(ws.admin)).toEqual(['CASE_ASSIGNED']));
  const raw = bench.service.runtime.db.asWorker((trx) =>
    sql`update after_sales_case set owner_id = null where id = ${one.id}`.execute(trx),
  );
  await expect(raw).rejects.toThrow(/null value/);
});

test('S3-3.6: a case has types, states, links, watchers and a timeline, and is found by each of them', async () => {
  const ws = await givenWorkspace(bench);
  const { tenantId, agent, admin, agentId, adminId } = ws;
  const message = await givenInbound(bench, { tenantId });
  const { conversationId, accountId } = message;
  const orderId = await anOrder(tenantId, accountId);
  const { case: one } = await escalate(agent, conversationId, { ownerId: agentId, orderId, note: 'Photos follow' });
  expect(one).toMatchObject({ type: 'REFUND', orders: [{ id: orderId }], due: { basis: 'DEFAULT' }, version: 1 });
  const { id: caseId } = one;
  const closing = await act(agent, 'setCaseState', { caseId, state: 'CLOSED', expectedVersion: 1 });
  expect(closing).toMatchObject({ case: null, errors: [{ code: 'ILLEGAL_TRANSITION', path: ['input', 'state'] }] });
  await done(admin, 'watchCase', { caseId });
  await done(agent, 'setCaseState', { caseId, state: 'WAITING', expectedVersion: 1 });
  const stale = await act(agent, 'setCaseState', { caseId, state: 'RESOLVED', expectedVersion: 1 });
  expect(stale).toMatchObject({ case: { state: 'WAITING', version: 2 }, errors: [{ code: 'VERSION_CONFLICT' }] });
  await done(agent, 'setCaseState', { caseId, state: 'RESOLVED', expectedVersion: 2 });
  await done(agent, 'setCaseState', { caseId, state: 'CLOSED', expectedVersion: 3 });
  const reopened = await done(agent, 'setCaseState', { caseId, state: 'OPEN', expectedVersion: 4 });
  expect(reopened).toMatchObject({ cycle: 2, allowedStates: ['WAITING', 'RESOLVED'] });
  const note = { clientMutationId: 'note', caseId, text: 'The platform agrees' };
  await done(agent, 'addCaseNote', note);
  await done(agent, 'addCaseNote', note);
  const updated = await done(agent, 'updateCase', { caseId, title: 'Broken', priority: 'URGENT', expectedVersion: 5 });
  expect(Date.parse(updated.due.at)).toBeLessThan(Date.parse(reopened.due.at));
  const assigned = await done(agent, 'assignCase', { caseId, ownerId: adminId, expectedVersion: 6 });
  expect(assigned.owner.id).toBe(adminId);
  const elsewhere = await givenInbound(bench, { tenantId });
  await done(agent, 'linkCase', { caseId, conversationId: elsewhere.conversationId });
  await done(agent, 'unlinkCase', { caseId, conversationId });
  const last = await act(agent, 'unlinkCase', { caseId, conversationId: elsewhere.conversationId });
  expect(last.errors).toMatchObject([{ code: 'INVALID_INPUT', path: ['input', 'conversationId'] }]);
  expect((await act(agent, 'linkCase', { caseId, orderId: newId() })).errors).toMatchObject([{ code: 'NOT_FOUND' }]);

  const seen = await read(agent, caseId);
  expect(seen).toMatchObject({ conversations: [{ id: elsewhere.conversationId }], watchers: [{ id: adminId }] });
  const { timeline } = seen;
  expect(timeline.edges.map(({ node }) => node.kind).toReversed()).toEqual([
    ...['OPENED', 'NOTE', 'WATCHER', 'STATE_CHANGED', 'STATE_CHANGED', 'STATE_CHANGED', 'STATE_CHANGED', 'NOTE'],
    ...['CHANGED', 'ASSIGNED', 'LINKED', 'UNLINKED'],
  ]);
  expect(timeline.totalCount).toBe(12);
  const entries = timeline.edges.map(({ node }) => node).toReversed();
  expect(entries[7]).toMatchObject({ text: 'The platform agrees', actor: { agent: { id: agentId } } });
  expect(entries[8]?.changes).toEqual(
    expect.arrayContaining([
      { field: 'TITLE', before: 'Broken on arrival', after: 'Broken' },
      { field: 'PRIORITY', before: 'NORMAL', after: 'URGENT' },
    ]),
  );
  expect(entries[9]?.changes).toEqual([{ field: 'OWNER', before: agentId, after: adminId }]);
  const [resolved] = await eventsOf('conversation.case-resolved', caseId, 1);
  expect(resolved?.data).toMatchObject({ isLate: false });
  const moved = await eventsOf('conversation.case-state-changed', caseId, 4);
  expect(moved.map(({ data }) => data.case.state)).toEqual(['waiting', 'resolved', 'closed', 'open']);
  await eventually(async () => expect(await told(admin)).toEqual(['CASE_ASSIGNED', ...Array(5).fill('CASE_WATCHED')]));

  const second = await escalate(agent, conversationId, { type: 'DISPUTE', ownerId: agentId, priority: 'LOW' });
  const third = await escalate(agent, conversationId, { ownerId: agentId, priority: 'HIGH' });
  const ids = [third.case.id, second.case.id, caseId];
  expect(await listed(agent, {})).toEqual(ids);
  expect(await listed(agent, {}, 'DUE_FIRST')).toEqual([caseId, third.case.id, second.case.id]);
  expect(await listed(agent, { types: ['DISPUTE'] })).toEqual([second.case.id]);
  expect(await listed(agent, { ownerId: adminId })).toEqual([caseId]);
  expect(await listed(admin, { watchedByMe: true })).toEqual([caseId]);
  expect(await listed(agent, { orderId })).toEqual([caseId]);
  expect(await listed(agent, { conversationId })).toEqual([third.case.id, second.case.id]);
  expect(await listed(agent, { states: ['WAITING'] })).toEqual([]);
  expect(await listed(agent, { conversationId: 'x' })).toEqual([]);
  const ofOrder = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Order { cases { id } } } }';
  const of = [{ __typename: 'Order', id: orderId }];
  expect((await ask(bench.service.subgraph, agent, ofOrder, { of })).data).toEqual({
    _entities: [{ cases: [{ id: caseId }] }],
  });
});

test('S2-5.3: a case whose owner leaves gets a successor of its team, else a lead; who has left gets none', async () => {
  const ws = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId: ws.tenantId });
  const [leaver, colleague] = [await person(ws, 'Di'), await person(ws, 'Ed')];
  const teamId = await teamOf(ws.admin, [leaver.id, colleague.id]);
  const { case: ofTeam } = await escalate(ws.agent, conversationId, { ownerId: leaver.id, teamId });
  const { case: alone } = await escalate(ws.agent, conversationId, { ownerId: leaver.id });
  const leave = 'mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { errors { code } } }';
  const input = { agentId: leaver.id, isActive: false, expectedVersion: 1 };
  await ask(bench.service.subgraph, ws.admin, leave, { input });
  const [handed] = await eventsOf('conversation.case-assigned', ofTeam.id, 1);
  expect(handed?.data).toMatchObject({
    previousOwnerId: leaver.id,
    reason: 'owner-left',
    case: { ownerId: colleague.id },
  });
  await eventsOf('conversation.case-assigned', alone.id, 1);
  expect((await read(ws.agent, alone.id)).owner.id).toBe(ws.adminId);
  const back = { caseId: alone.id, ownerId: leaver.id, expectedVersion: 2 };
  expect((await act(ws.agent, 'assignCase', back)).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await act(ws.agent, 'assignCase', { ...back, ownerId: null })).errors).toMatchObject([
    { code: 'INVALID_INPUT', path: ['input', 'ownerId'] },
  ]);
  await eventually(async () => expect(await told(ws.admin)).toEqual(['CASE_ASSIGNED']));
});

test('S2-5.3: the owner is warned, then the owner and the leads are told, each once', async () => {
  const ws = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId: ws.tenantId });
  const { case: one } = await escalate(ws.admin, conversationId, { ownerId: ws.agentId, priority: 'URGENT' });
  const { case: waits } = await escalate(ws.admin, conversationId, { ownerId: ws.agentId, priority: 'LOW' });
  shiftedMs += 190 * minuteMs;
  const [warned] = await eventsOf('conversation.case-due', one.id, 1);
  expect(warned?.data.stage).toBe('warned');
  expect(await listed(ws.agent, { isOverdue: true })).toEqual([]);
  shiftedMs += 60 * minuteMs;
  const both = await eventsOf('conversation.case-due', one.id, 2);
  expect(both.map(({ data }) => data.stage)).toEqual(['warned', 'breached']);
  await eventually(async () =>
    expect([await told(ws.agent), await told(ws.admin)]).toEqual([
      ['CASE_ASSIGNED', 'CASE_ASSIGNED', 'CASE_BREACHED', 'CASE_WARNED'],
      ['CASE_BREACHED'],
    ]),
  );
  expect(await listed(ws.agent, { isOverdue: true })).toEqual([one.id]);
  expect(await listed(ws.agent, { isOverdue: false })).toEqual([waits.id]);
  const { rows } = await bench.service.runtime.db.asWorker((trx) =>
    sql`select from after_sales_case where id = ${one.id} and next_at is null`.execute(trx),
  );
  expect(rows).toHaveLength(1);
});

test('somebody whose role is limited sees the cases of their stores, and of others neither cases nor orders', async () => {
  const ws = await givenWorkspace(bench);
  const { tenantId, agent, agentId, adminId } = ws;
  const [own, other] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const seen = await givenInbound(bench, { tenantId, accountId: own });
  const hidden = await givenInbound(bench, { tenantId, accountId: other });
  const orderId = await anOrder(tenantId, other);
  const { case: shown } = await escalate(agent, seen.conversationId, { ownerId: agentId });
  const { case: secret } = await escalate(agent, hidden.conversationId, { ownerId: adminId, orderId });
  await done(agent, 'linkCase', { caseId: shown.id, conversationId: hidden.conversationId });
  const within = (access: object): Caller => Object.assign({}, anAgent(tenantId, 'agent', agentId), { access });
  const limited = within({ stores: [own], reach: 'all', teams: [] });
  expect(await listed(limited, {})).toEqual([shown.id]);
  expect(await read(limited, secret.id)).toBeNull();
  expect((await read(limited, shown.id)).conversations).toEqual([{ id: seen.conversationId }]);
  const touch = { caseId: secret.id, expectedVersion: 1 };
  expect((await act(limited, 'setCaseState', { ...touch, state: 'WAITING' })).errors).toMatchObject([
    { code: 'NOT_FOUND' },
  ]);
  expect((await act(limited, 'linkCase', { caseId: shown.id, orderId })).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await escalate(limited, hidden.conversationId, { ownerId: agentId })).errors).toMatchObject([
    { code: 'NOT_FOUND', path: ['input', 'conversationId'] },
  ]);
  // Whoever sees only their own work may open a case for somebody else, and then does not see it.
  const mine = within({ stores: null, reach: 'own', teams: [] });
  expect(await listed(mine, {})).toEqual([shown.id]);
  const handedOver = await done(mine, 'assignCase', { caseId: shown.id, ownerId: adminId, expectedVersion: 1 });
  expect(handedOver.id).toBe(shown.id);
  expect(await listed(mine, {})).toEqual([]);
});

test('an erased buyer takes the titles and notes of their cases along', async () => {
  const ws = await givenWorkspace(bench);
  const { tenantId, agent, agentId } = ws;
  const { conversationId, accountId } = await givenInbound(bench, { tenantId });
  const words = { title: 'Ana wants her money', note: 'Ana called twice' };
  const { case: one } = await escalate(agent, conversationId, { ownerId: agentId, ...words });
  await done(agent, 'updateCase', { caseId: one.id, title: 'Ana again', expectedVersion: 1 });
  const data = { erasureId: newId<ErasureId>(), customerId: newId<CustomerId>(), conversationId, accountId };
  await bench.harness.publish(anEvent('ingest.buyer-erased', data, { tenantId, aggregateId: conversationId }));
  const { data: proof } = await bench.harness.events.next(
    'conversation.personal-data-erased',
    (event) => event.data.erasureId === data.erasureId,
  );
  expect(proof.rows).toEqual(expect.arrayContaining([{ table: 'after_sales_case', count: 1 }]));
  const erased = await read(agent, one.id);
  expect([erased.title, JSON.stringify(erased.timeline).includes('Ana')]).toEqual(['', false]);
});

/** Makes fresh statistics, as autovacuum does; the roles of the service may not do it. */
async function analyzed(): Promise<void> {
  const db = openDatabase<object>({
    appUrl: bench.harness.deps.databaseUrl,
    workerUrl: bench.harness.deps.databaseUrl,
    connectionsMax: 1,
    onConnectionError: (error) => {
      throw error;
    },
  });
  await sql`analyze conversation.after_sales_case`.execute(db.worker);
  await db.close();
}

test('each order of the list reads its index', async () => {
  const tenantId = newId<TenantId>();
  const ownerId = newId<AgentId>();
  await bench.service.runtime.db.asWorker(async (trx) => {
    await sql`insert into workspace (tenant_id, slug, name, created_at) values (${tenantId}, ${tenantId}, 'many', now())`.execute(
      trx,
    );
    await sql`
      insert into agent (tenant_id, id, kind, email, display_name, role, is_active, created_at, version, token_epoch)
      values (${tenantId}, ${ownerId}, 'person', ${ownerId}, 'Many', 'agent', true, now(), 1, 0)`.execute(trx);
    await sql`
      insert into after_sales_case (tenant_id, id, number, account_id, type, title, state, priority, owner_id, cycle, started_at,
        due_at, warn_at, due_basis, told, opened_at, version, revision)
      select ${tenantId}, gen_random_uuid(), n, gen_random_uuid(), 'refund', 'Many', 'open', 'normal', ${ownerId}, 1, now(),
        now() + n * interval '1 minute', now(), 'default', 'nothing', now(), 1, 1
      from generate_series(1, 5000) n`.execute(trx);
  });
  await analyzed();
  const filter = {
    ...{ states: null, types: null, priorities: null, accountIds: null, ownerId: null, teamIds: null },
    ...{ watcherId: null, conversationId: null, orderId: null, customerId: null, overdueAt: null },
  };
  for (const order of ['OPENED_DESC', 'DUE_FIRST'] as const) {
    const page = { filter, order, first: 25, after: { at: new Date(), id: 'f0000000-0000-7000-8000-000000000000' } };
    const { rows } = await bench.service.runtime.db.forTenant(tenantId, (trx) =>
      sql<{ 'QUERY PLAN': string }>`explain (costs off) ${caseListQuery(tenantId, page)}`.execute(trx),
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(order === 'DUE_FIRST' ? /Index Scan using case_due/ : /Index Scan Backward/);
    expect(plan).not.toMatch(/Sort|Seq Scan on after_sales_case/);
  }
});
