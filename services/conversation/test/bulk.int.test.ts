import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { type Caller, systemClock } from '@crossdesk/service-kit';
import { anAgent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { doChunk } from '../src/bulk/bulk-chunk.ts';
import type { BulkJob } from '../src/bulk/bulk-job.domain.ts';
import { claimJobs } from '../src/bulk/bulk-job.store.ts';
import { type ConversationService, createAgent, openConversation } from '../src/index.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, options, password, send } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const jobFields = `id state targetCount checkedCount settledCount problem
  expected { outcome code count } outcomes { outcome code count }
  action { kind text } createdBy { displayName }`;

type Input = Record<string, unknown>;

async function create(caller: Caller, input: Input) {
  const query = `mutation ($input: CreateBulkJobInput!) {
    createBulkJob(input: $input) { job { ${jobFields} } errors { code message path } } }`;
  const given = { clientMutationId: newId(), ...input };
  return dataOf(await ask(bench.service.subgraph, caller, query, { input: given })).createBulkJob;
}

async function control(caller: Caller, jobId: string, action: string) {
  const query = `mutation ($input: ControlBulkJobInput!) {
    controlBulkJob(input: $input) { job { state } errors { code } } }`;
  const { job, errors } = dataOf(
    await ask(bench.service.subgraph, caller, query, { input: { jobId, action } }),
  ).controlBulkJob;
  return errors[0]?.code ?? job.state;
}

async function read(caller: Caller, id: string) {
  const query = `query ($id: ID!) { bulkJob(id: $id) { ${jobFields}
    items(first: 100) { totalCount edges { node { seq expected expectedCode outcome code text conversation { id } } } } } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { id })).bulkJob;
}

async function inState(caller: Caller, id: string, state: string) {
  return eventually(async () => {
    const job = await read(caller, id);
    expect(job.state).toBe(state);
    return job;
  });
}

async function givenConversations(tenantId: TenantId, count: number): Promise<ConversationId[]> {
  const made = Array.from({ length: count }, () => givenInbound(bench, { tenantId }));
  return (await Promise.all(made)).map(({ conversationId }) => conversationId);
}

/** The bulk replies that were requested for each of these conversations. */
async function requestedFor(tenantId: TenantId, ids: readonly string[]): Promise<number[]> {
  const { rows } = await bench.service.runtime.db.asWorker((trx) =>
    sql<{ key: string }>`
      select key from outbox_event where tenant_id = ${tenantId}
        and envelope ->> 'type' = 'conversation.reply-requested' and envelope -> 'data' ->> 'purpose' = 'bulk'`.execute(
      trx,
    ),
  );
  return ids.map((id) => rows.filter(({ key }) => key === id).length);
}

test('S2-7.2: a bulk reply says what would become of each conversation, then does that, and reports what was refused', async () => {
  const { tenantId, admin, adminId } = await givenWorkspace(bench);
  const [known] = await givenConversations(tenantId, 1);
  const { conversationId: nameless } = await givenInbound(bench, {
    tenantId,
    buyer: { externalId: 'b', commerceId: 'b', name: null, phone: null, email: null, avatarUrl: null, locale: null },
  });
  const { conversationId: late } = await givenInbound(bench, {
    tenantId,
    channel: 'whatsapp',
    occurredAt: new Date(Date.now() - 2 * 86_400_000),
  });
  const absent = newId();
  const input = {
    clientMutationId: newId(),
    conversationIds: [known, nameless, late, absent, known],
    action: { reply: 'Hello {buyerName}, it’s on its way. {agentName}' },
  };
  const { job, errors } = await create(admin, input);
  expect(errors).toEqual([]);
  expect((await create(admin, input)).job.id).toBe(job.id);

  const ready = await inState(admin, job.id, 'READY');
  const counts = [
    { outcome: 'DONE', code: null, count: 1 },
    { outcome: 'REFUSED', code: 'VALUE_MISSING', count: 1 },
    { outcome: 'REFUSED', code: 'WINDOW_CLOSED', count: 1 },
    { outcome: 'REFUSED', code: 'NOT_FOUND', count: 1 },
  ];
  expect(ready).toMatchObject({ targetCount: 4, checkedCount: 4, settledCount: 0, outcomes: [] });
  expect(ready.expected).toEqual(expect.arrayContaining(counts));
  expect(ready.items.edges.map(({ node }) => [node.conversation?.id ?? null, node.expected, node.text])).toEqual([
    [known, 'DONE', 'Hello Ana, it’s on its way. Ada'],
    [nameless, 'REFUSED', null],
    [late, 'REFUSED', 'Hello Ana, it’s on its way. Ada'],
    [null, 'REFUSED', null],
  ]);
  // Trying it has left nothing.
  expect(await requestedFor(tenantId, [known ?? ''])).toEqual([0]);

  expect(await control(admin, job.id, 'START')).toBe('RUNNING');
  const done = await inState(admin, job.id, 'DONE');
  expect(done.outcomes).toEqual(expect.arrayContaining(counts));
  expect(done.items.edges.map(({ node }) => node.code)).toEqual([null, 'VALUE_MISSING', 'WINDOW_CLOSED', 'NOT_FOUND']);
  expect(await requestedFor(tenantId, [known ?? '', nameless, late])).toEqual([1, 0, 0]);
  const { text } = (
    await bench.harness.events.next(
      'conversation.message-added',
      ({ data }) => data.conversation.conversationId === known && data.direction === 'outbound',
    )
  ).data;
  expect(text).toBe('Hello Ana, it’s on its way. Ada');
  const audit = '{ auditEntries(first: 10) { edges { node { action actorId targetId } } } }';
  const { edges } = dataOf(await ask(bench.service.subgraph, admin, audit, {})).auditEntries;
  expect(edges.map(({ node }) => node)).toMatchObject([
    { action: 'runBulkJob', actorId: adminId, targetId: job.id },
    { action: 'controlBulkJob' },
    { action: 'createBulkJob' },
  ]);
});

test('S2-7.1: a job does nothing in stores that its creator does not see, also if they lose sight of them later', async () => {
  const { tenantId, admin, adminId } = await givenWorkspace(bench);
  const [inRole, outside] = await givenConversations(tenantId, 2);
  const { conversationId: later, accountId } = await givenInbound(bench, { tenantId });
  const limit = async (storeIds: readonly string[]) => {
    const roleId = newId();
    await bench.service.runtime.db.asWorker(async (trx) => {
      const stores = `{${storeIds.join(',')}}`;
      await sql`insert into access_role (tenant_id, id, name, store_ids, reach, version)
        values (${tenantId}, ${roleId}, ${roleId}, ${stores}::uuid[], 'all', 1)`.execute(trx);
      await sql`update agent set access_role_id = ${roleId} where tenant_id = ${tenantId} and id = ${adminId}`.execute(
        trx,
      );
    });
  };
  const [{ account_id: own } = { account_id: '' }] = (
    await bench.service.runtime.db.asWorker((trx) =>
      sql<{ account_id: string }>`
        select account_id from conversation where tenant_id = ${tenantId} and id = ${inRole}`.execute(trx),
    )
  ).rows;
  await limit([own, accountId]);
  const action = { reply: 'It is on its way.' };
  const { job } = await create(admin, { conversationIds: [inRole, outside, later], action });
  const ready = await inState(admin, job.id, 'READY');
  expect(ready.items.edges.map(({ node }) => node.expectedCode)).toEqual([null, 'NOT_FOUND', null]);
  await limit([own]);
  await control(admin, job.id, 'START');
  const done = await inState(admin, job.id, 'DONE');
  expect(done.items.edges.map(({ node }) => node.code)).toEqual([null, 'NOT_FOUND', 'NOT_FOUND']);
  expect(await requestedFor(tenantId, [inRole ?? '', outside ?? '', later])).toEqual([1, 0, 0]);

  // A token acts within the role of whoever created it.
  const createToken = `mutation ($input: CreateApiTokenInput!) {
    createApiToken(input: $input) { secret errors { code } } }`;
  const token = {
    name: 'ERP',
    role: 'SUPERVISOR',
    scopes: ['CONVERSATION_READ', 'CONVERSATION_WRITE'],
    expiresInDays: 1,
  };
  const { createApiToken } = dataOf(await ask(bench.service.subgraph, admin, createToken, { input: token }));
  const program = await bench.service.introspect(createApiToken.secret);
  if (program === null) throw new Error('the token is not known');
  const ofToken = await create(program, { conversationIds: [inRole, outside], action });
  const tried = await inState(admin, ofToken.job.id, 'READY');
  expect(tried.items.edges.map(({ node }) => node.expectedCode)).toEqual([null, 'NOT_FOUND']);
});

test('S2-7.1: somebody with a limited role sees and controls their own jobs only', async () => {
  const { tenantId, admin, adminId, agentId } = await givenWorkspace(bench);
  const conversationIds = await givenConversations(tenantId, 1);
  const access = { stores: null, reach: 'teams' as const, teams: [] };
  const limited = { ...anAgent(tenantId, 'supervisor', agentId), access };
  const unlimited = { ...anAgent(tenantId, 'admin', adminId), access: { ...access, reach: 'all' as const } };
  const { job: others } = await create(admin, { conversationIds, action: { addTags: ['many'] } });
  const { job: own } = await create(limited, { conversationIds: [newId()], action: { addTags: ['many'] } });
  const listed = async (caller: Caller) => {
    const query = '{ bulkJobs { totalCount edges { node { id } } } }';
    const { bulkJobs } = dataOf(await ask(bench.service.subgraph, caller, query));
    return [bulkJobs.totalCount, ...bulkJobs.edges.map(({ node }) => node.id)];
  };
  expect(await listed(limited)).toEqual([1, own.id]);
  expect([await read(limited, others.id), await control(limited, others.id, 'CANCEL')]).toEqual([null, 'NOT_FOUND']);
  expect(await listed(unlimited)).toEqual([2, own.id, others.id]);
});

test('S2-7.2: a bulk reply whose process dies in the middle of a chunk is finished by another one, and nobody gets it twice', async () => {
  const { tenantId, admin } = await givenWorkspace(bench);
  const ids = await givenConversations(tenantId, 40);
  // A process of its own, whose worker does not run by itself.
  const dying = await openConversation(bench.harness.deps, options);
  const job = await startedBy(dying, admin, ids);
  expect((await doChunk(dying.runtime, job, 15))?.nextSeq).toBe(16);
  await dieWithin(dying, job, 25);
  expect(await requestedFor(tenantId, ids)).toEqual(ids.map((_, index) => (index < 15 ? 1 : 0)));

  // Its lease ends: the process that still lives goes on.
  await bench.service.runtime.db.asWorker((trx) =>
    sql`update bulk_job set due_at = now() where id = ${job.id} and due_at is not null`.execute(trx),
  );
  bench.service.nudgeBulk();
  const done = await inState(admin, job.id, 'DONE');
  expect(done.outcomes).toEqual([{ outcome: 'DONE', code: null, count: 40 }]);
  expect(await requestedFor(tenantId, ids)).toEqual(ids.map(() => 1));
  // It was only frozen, and comes back with what it knew.
  expect(await doChunk(dying.runtime, job, 15)).toBeNull();
  expect(await requestedFor(tenantId, ids)).toEqual(ids.map(() => 1));
  await dying.stop(5_000);
});

/** A job that this process has claimed and that no other one works on while its lease lasts. */
async function startedBy(service: ConversationService, caller: Caller, ids: readonly string[]): Promise<BulkJob> {
  const { job } = await create(caller, { conversationIds: ids, action: { reply: 'It ships today.' } });
  await inState(caller, job.id, 'READY');
  return service.runtime.db.asWorker(async (trx) => {
    await sql`update bulk_job set state = 'running', next_seq = 1, due_at = '2000-01-01' where id = ${job.id}`.execute(
      trx,
    );
    const [claimed] = await claimJobs(trx, 1, systemClock.now());
    if (claimed === undefined) throw new Error('the job is not due');
    return claimed;
  });
}

/** Lets a chunk wait at an item, with those before it written, and ends its connection there. */
async function dieWithin(service: ConversationService, job: BulkJob, seq: number): Promise<void> {
  const { db } = bench.service.runtime;
  const [held, released] = [Promise.withResolvers<null>(), Promise.withResolvers<null>()];
  const holder = db.asWorker(async (trx) => {
    await sql`
      insert into client_request (tenant_id, kind, client_mutation_id, content_hash, result_id, created_at)
      values (${job.tenantId}, 'message', ${`bulk:${job.id}:${seq}`}, '', ${newId()}, now())`.execute(trx);
    held.resolve(null);
    await released.promise;
    throw new Error('rolled back');
  });
  await held.promise;
  const chunk = doChunk(service.runtime, job, 15).then(
    () => 'done',
    () => 'died',
  );
  const waiting = await eventually(async () => {
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_stat_activity
      where wait_event_type = 'Lock' and query like '%insert into "client_request"%'`.execute(db.worker);
    expect(rows).toHaveLength(1);
    return rows[0]?.pid ?? 0;
  });
  await sql`select pg_terminate_backend(${waiting})`.execute(db.worker);
  expect(await chunk).toBe('died');
  released.resolve(null);
  await expect(holder).rejects.toThrow('rolled back');
}

test('a job is paused, resumed and cancelled between two chunks; what is over stays over', async () => {
  const { tenantId, admin } = await givenWorkspace(bench);
  const ids = await givenConversations(tenantId, 3);
  const { job } = await create(admin, { filter: { states: ['UNREAD'] }, action: { addTags: ['campaign'] } });
  expect(job.targetCount).toBe(3);
  await inState(admin, job.id, 'READY');
  expect(await control(admin, job.id, 'PAUSE')).toBe('ILLEGAL_TRANSITION');
  expect(await control(admin, job.id, 'START')).toBe('RUNNING');
  await inState(admin, job.id, 'DONE');
  expect(await control(admin, job.id, 'CANCEL')).toBe('ILLEGAL_TRANSITION');

  const { job: again } = await create(admin, { conversationIds: ids, action: { addTags: ['Campaign'] } });
  expect((await inState(admin, again.id, 'READY')).expected).toEqual([{ outcome: 'UNCHANGED', code: null, count: 3 }]);
  expect(await control(admin, again.id, 'CANCEL')).toBe('CANCELLED');
  expect(await control(admin, again.id, 'START')).toBe('ILLEGAL_TRANSITION');
  expect(await control(admin, newId(), 'START')).toBe('NOT_FOUND');
});

test('a job of somebody who has left the workspace does nothing more', async () => {
  const { tenantId, slug, admin } = await givenWorkspace(bench);
  const { id } = await createAgent(bench.service, tenantId, {
    displayName: 'Cy',
    email: `cy@${slug}.example.com`,
    password,
    role: 'supervisor',
  });
  const ids = await givenConversations(tenantId, 2);
  const cy = anAgent(tenantId, 'supervisor', id);
  const { job } = await create(cy, { conversationIds: ids, action: { reply: 'Hello' } });
  await inState(admin, job.id, 'READY');
  const query = 'mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { errors { code } } }';
  const left = { agentId: id, isActive: false, expectedVersion: 1 };
  expect(dataOf(await ask(bench.service.subgraph, admin, query, { input: left })).updateAgent.errors).toEqual([]);
  await control(admin, job.id, 'START');
  expect((await inState(admin, job.id, 'CANCELLED')).problem).not.toBeNull();
  expect(await requestedFor(tenantId, ids)).toEqual([0, 0]);
});

test('agents create no job; one action and one way to choose conversations are needed', async () => {
  const { tenantId, admin, agent } = await givenWorkspace(bench);
  const [id] = await givenConversations(tenantId, 1);
  const input = { clientMutationId: newId(), conversationIds: [id], action: { reply: 'Hello' } };
  const query = 'mutation ($input: CreateBulkJobInput!) { createBulkJob(input: $input) { job { id } } }';
  expect((await ask(bench.service.subgraph, agent, query, { input })).errors[0]?.code).toBe('FORBIDDEN');
  const refused = [
    { action: {} },
    { action: { reply: 'Hello', note: 'x' } },
    { action: { reply: 'Hello {stranger}' } },
    { action: { addTags: [] } },
    { filter: {} },
    { conversationIds: [] },
  ];
  for (const wrong of refused) {
    const { errors } = await create(admin, { ...input, clientMutationId: newId(), ...wrong });
    expect([wrong, errors.map(({ code }) => code)]).toEqual([wrong, ['INVALID_INPUT']]);
  }
  expect((await send(bench, agent, { conversationId: id, text: 'Hi' })).errors).toEqual([]);
});

const macroFields = 'id name version isChangeable owner { displayName } usage { runs people lastRunAt }';

async function saveMacro(caller: Caller, input: Input) {
  const query = `mutation ($input: SaveMacroInput!) { saveMacro(input: $input) { macro { ${macroFields} } errors { code } } }`;
  const given = { clientMutationId: newId(), scope: 'ALL', ...input };
  const { macro, errors } = dataOf(await ask(bench.service.subgraph, caller, query, { input: given })).saveMacro;
  return { macro, code: errors[0]?.code ?? null };
}

async function runMacro(caller: Caller, input: Input) {
  const query = `mutation ($input: RunMacroInput!) { runMacro(input: $input) {
    conversation { version state priority assignee { displayName } tags { name } notes { totalCount }
      messages(first: 10) { edges { node { text direction } } } }
    errors { code message } } }`;
  const given = { clientMutationId: newId(), ...input };
  return dataOf(await ask(bench.service.subgraph, caller, query, { input: given })).runMacro;
}

test('a macro replies, tags, assigns and notes in one step; running it twice with one id does it once, and it is counted', async () => {
  const { tenantId, admin, agent } = await givenWorkspace(bench);
  const [conversationId] = await givenConversations(tenantId, 1);
  const actions = [
    { reply: 'Dear {buyerName}, we look into it. {agentName}' },
    { addTags: ['Damage'] },
    { priority: 'HIGH' },
    { assign: { isToMe: true } },
    { note: 'Asked the warehouse' },
    { state: 'PENDING' },
  ];
  const { macro } = await saveMacro(admin, { name: 'Damaged parcel', actions });
  const run = { clientMutationId: newId(), macroId: macro.id, conversationId };
  const { conversation, errors } = await runMacro(agent, run);
  expect(errors).toEqual([]);
  expect(conversation).toMatchObject({ state: 'PENDING', priority: 'HIGH', assignee: { displayName: 'Bo' } });
  expect(conversation).toMatchObject({ tags: [{ name: 'Damage' }], notes: { totalCount: 1 } });
  expect(conversation.messages.edges[0]?.node.text).toBe('Dear Ana, we look into it. Bo');
  expect((await runMacro(agent, run)).conversation.version).toBe(conversation.version);
  expect((await runMacro(agent, { ...run, macroId: newId() })).errors[0]?.code).toBe('CLIENT_ID_REUSED');
  const { macros } = dataOf(await ask(bench.service.subgraph, agent, `{ macros { ${macroFields} } }`, {}));
  expect(macros).toMatchObject([{ name: 'Damaged parcel', isChangeable: false, usage: { runs: 1, people: 1 } }]);
});

test('a macro of which one action is refused does nothing, and says which one', async () => {
  const { tenantId, agent, agentId } = await givenWorkspace(bench);
  const [conversationId] = await givenConversations(tenantId, 1);
  const actions = [
    { addTags: ['Gift'] },
    { assign: { agentId } },
    { note: 'A note' },
    { reply: 'Order {orderNumber}' },
  ];
  const { macro } = await saveMacro(agent, { name: 'Mine', scope: 'OWN', actions });
  const { conversation, errors } = await runMacro(agent, { macroId: macro.id, conversationId });
  expect(errors).toMatchObject([{ code: 'VALUE_MISSING', message: expect.stringContaining('Action 4, reply') }]);
  expect(conversation).toMatchObject({ assignee: null, tags: [], notes: { totalCount: 0 } });
});

test('people keep macros of their own; those for everybody are saved by supervisors and admins', async () => {
  const { tenantId, admin, agent } = await givenWorkspace(bench);
  const [conversationId] = await givenConversations(tenantId, 1);
  const content = { name: 'Mine', actions: [{ state: 'HANDLED' }] };
  expect((await saveMacro(agent, content)).code).toBe('FORBIDDEN');
  const { macro } = await saveMacro(agent, { ...content, scope: 'OWN' });
  const listed = async (caller: Caller) =>
    dataOf(await ask(bench.service.subgraph, caller, '{ macros { id } }', {})).macros.map(({ id }) => id);
  expect([await listed(agent), await listed(admin)]).toEqual([[macro.id], []]);
  expect((await runMacro(admin, { macroId: macro.id, conversationId })).errors[0]?.code).toBe('NOT_FOUND');
  const change = { ...content, scope: 'OWN', macroId: macro.id, name: 'Done' };
  expect((await saveMacro(agent, { ...change, expectedVersion: 2 })).code).toBe('VERSION_CONFLICT');
  expect((await saveMacro(agent, { ...change, expectedVersion: 1 })).macro).toMatchObject({ name: 'Done', version: 2 });
  const remove = 'mutation ($input: DeleteMacroInput!) { deleteMacro(input: $input) { errors { code } } }';
  const deleted = async (caller: Caller) =>
    dataOf(await ask(bench.service.subgraph, caller, remove, { input: { macroId: macro.id } })).deleteMacro.errors[0]
      ?.code;
  expect([await deleted(admin), await deleted(agent), await deleted(agent)]).toEqual([
    'NOT_FOUND',
    undefined,
    'NOT_FOUND',
  ]);
});
