import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AnyEvent,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type ErasureId,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import {
  aBuyer,
  anAgent,
  anEvent,
  ask,
  eventually,
  givenMessage,
  openHarness,
  type TestHarness,
} from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type IngestService, openIngest } from '../src/index.ts';
import { mediaIn } from './platforms.ts';
import { type Receiver, startReceiver } from './webhook-receiver.ts';

const tenantId = newId<TenantId>();
const hourMs = 3_600_000;
let harness: TestHarness;
let ingest: IngestService;
let aheadMs = 0;
const receivers: Receiver[] = [];

beforeAll(async () => {
  harness = await openHarness({ clock: { now: () => new Date(Date.now() + aheadMs) } });
  ingest = await openIngest(harness.deps, {
    publicWebhookUrl: 'http://127.0.0.1:9',
    allowPrivateAddresses: true,
    syncEveryMs: 3_600_000,
    trustedProxies: [],
    media: mediaIn(harness),
  });
  await ingest.start();
});
afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await ingest.stop(5_000);
  await harness.close();
});

interface Endpoint {
  readonly id: string;
  readonly version: number;
}
interface SavePayload {
  readonly endpoint: Endpoint | null;
  readonly secret: string | null;
  readonly errors: readonly { readonly code: string; readonly path: readonly string[] }[];
}

async function asAdmin<Result>(
  query: string,
  variables: Record<string, unknown> = {},
  tenant = tenantId,
): Promise<Result> {
  const { data, errors } = await ask(ingest.subgraph, anAgent(tenant, 'admin'), query, variables);
  if (data === null) throw new Error(JSON.stringify(errors));
  return data as Result;
}

const saveMutation = `mutation($input: SaveWebhookEndpointInput!) {
  saveWebhookEndpoint(input: $input) { endpoint { id version } secret errors { code path } } }`;

async function save(input: Record<string, unknown>, tenant = tenantId): Promise<SavePayload> {
  const wanted = { clientMutationId: newId(), description: 'Ours', ...input };
  type Saved = { saveWebhookEndpoint: SavePayload };
  return (await asAdmin<Saved>(saveMutation, { input: wanted }, tenant)).saveWebhookEndpoint;
}

/** A receiver with an address of its own, in a workspace of its own unless given. */
async function givenEndpoint(input: Record<string, unknown> = {}, tenant = newId<TenantId>()) {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const { endpoint, secret, errors } = await save(
    { url: receiver.url, eventTypes: ['ingest.message-received'], ...input },
    tenant,
  );
  if (endpoint === null || secret === null) throw new Error(JSON.stringify(errors));
  receiver.trust(secret);
  const endpointId = endpoint.id;
  return { tenant, receiver, endpoint, endpointId, secret };
}

type Given = Awaited<ReturnType<typeof givenEndpoint>>;

interface Shown {
  readonly webhookEndpoint: {
    readonly state: string;
    readonly stateReason: string | null;
    readonly failuresInRow: number;
    readonly probeAt: string | null;
    readonly deliveries: {
      readonly edges: readonly {
        readonly node: {
          readonly eventId: string;
          readonly state: string;
          readonly attemptCount: number;
          readonly lastStatus: number | null;
          readonly nextAttemptAt: string | null;
        };
      }[];
    };
  };
}

async function shown(tenant: TenantId, id: string) {
  const query = `query($id: ID!) { webhookEndpoint(id: $id) { state stateReason failuresInRow probeAt
    deliveries(first: 100) { totalCount edges { node { eventId eventType key state attemptCount lastAttemptAt lastStatus lastError
      nextAttemptAt pendingSince settledAt } } } } }`;
  const { webhookEndpoint } = await asAdmin<Shown>(query, { id }, tenant);
  return { ...webhookEndpoint, deliveries: webhookEndpoint.deliveries.edges.map(({ node }) => node) };
}

/** Moves the clock to a time, and wakes the courier with an event that nobody wants. */
async function moveTo(at: string): Promise<void> {
  aheadMs = new Date(at).getTime() - Date.now();
  await harness.publish(givenMessage({ tenantId }));
}

function conversation(
  tenant: TenantId,
  count: number,
  of: Partial<Parameters<typeof givenMessage>[0]> = {},
): AnyEvent[] {
  const conversationId = newId<ConversationId>();
  return Array.from({ length: count }, () => givenMessage({ tenantId: tenant, conversationId, ...of }));
}

function oneOf(events: readonly AnyEvent[]): AnyEvent {
  const [event] = events;
  if (event === undefined) throw new Error('no event');
  return event;
}

test('S2-7.1: somebody whose role includes some stores has nothing to do with addresses, which get the events of all', async () => {
  const { tenant, endpointId } = await givenEndpoint();
  const limited = {
    ...anAgent(tenant, 'admin'),
    access: { stores: [newId<ChannelAccountId>()], reach: 'all' as const, teams: [] },
  };
  const asLimited = (query: string, variables: Record<string, unknown>) =>
    ask(ingest.subgraph, limited, query, variables);
  const list = `query($id: ID!) { webhookEndpoints { totalCount edges { node { id } } } webhookEndpoint(id: $id) { id } }`;
  expect((await asLimited(list, { id: endpointId })).data).toEqual({
    webhookEndpoints: { totalCount: 0, edges: [] },
    webhookEndpoint: null,
  });
  const input = { clientMutationId: newId(), url: 'https://example.com', description: 'Mine', eventTypes: ['*'] };
  expect((await asLimited(saveMutation, { input })).data).toMatchObject({
    saveWebhookEndpoint: { endpoint: null, secret: null, errors: [{ code: 'FORBIDDEN' }] },
  });
  const rotate = `mutation($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) { secret errors { code } } }`;
  expect((await asLimited(rotate, { input: { endpointId } })).data).toEqual({
    rotateWebhookSecret: { secret: null, errors: [{ code: 'FORBIDDEN' }] },
  });
});

test('an event arrives as it is on the log, signed, and the secret is shown once', async () => {
  const clientMutationId = newId();
  const { tenant, receiver, endpointId, secret } = await givenEndpoint({ clientMutationId });
  expect(secret).toMatch(/^whsec_/);
  const repeated = await save({ url: receiver.url, eventTypes: ['ingest.message-received'], clientMutationId }, tenant);
  expect(repeated).toMatchObject({ endpoint: { id: endpointId }, secret: null, errors: [] });
  const said = oneOf(conversation(tenant, 1));
  await harness.publish(said);
  expect(await receiver.taken(1)).toEqual([{ id: said.id, event: said }]);
  await eventually(async () =>
    expect(await shown(tenant, endpointId)).toMatchObject({
      state: 'ACTIVE',
      deliveries: [{ eventId: said.id, state: 'DELIVERED', attemptCount: 1, lastStatus: 200, nextAttemptAt: null }],
    }),
  );
});

test('an address gets only the types and the stores that it wants, also where only the conversation names the store', async () => {
  const [mine, other] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const tenant = newId<TenantId>();
  const { db } = ingest.runtime;
  const known = newId<ConversationId>();
  await db.asWorker(async (trx) => {
    for (const id of [mine, other])
      await sql`insert into channel_account (tenant_id, id, channel, external_account_id, display_name, token_hash, sealed_token,
          sealed_credentials, api_base_url, auth_base_url, status)
        values (${tenant}, ${id}, 'generic', ${id}, 'Shop', ${Buffer.from(id)}, '', '', '', '', 'connected')`.execute(
        trx,
      );
    await insertThread(tenant, known, mine);
  });
  const { receiver } = await givenEndpoint(
    { eventTypes: ['ingest.message-received', 'crm.*'], accountIds: [mine] },
    tenant,
  );
  const linked = (conversationId: ConversationId) => {
    const data = { conversationId, customerId: newId<CustomerId>(), order: null };
    return anEvent('crm.conversation-linked', data, { tenantId: tenant, aggregateId: conversationId });
  };
  const buyer = anEvent(
    'ingest.buyer-identified',
    { conversationId: known, accountId: mine, channel: 'generic', buyer: aBuyer },
    { tenantId: tenant, aggregateId: known },
  );
  const unwanted = [...conversation(tenant, 1, { accountId: other }), linked(newId()), buyer];
  const wanted = [...conversation(tenant, 1, { accountId: mine }), linked(known)];
  await harness.publish(...unwanted, ...wanted);
  const taken = await receiver.taken(2);
  expect(new Set(taken.map(({ id }) => id))).toEqual(new Set(wanted.map(({ id }) => id)));
});

async function insertThread(
  tenant: TenantId,
  conversationId: ConversationId,
  accountId: ChannelAccountId,
): Promise<void> {
  await ingest.runtime.db.asWorker((trx) =>
    sql`insert into thread (tenant_id, account_id, external_thread_id, conversation_id, version, buyer, last_id_ms)
      values (${tenant}, ${accountId}, ${conversationId}, ${conversationId}, 1, ${JSON.stringify(aBuyer)}::jsonb, 0)`.execute(
      trx,
    ),
  );
}

test('one receiver hangs: another gets everything, and in the order of each conversation', async () => {
  const tenant = newId<TenantId>();
  const hanging = await givenEndpoint({}, tenant);
  const { receiver } = await givenEndpoint({}, tenant);
  hanging.receiver.answer('hang');
  // The first call of each conversation fails: the later events of it wait.
  receiver.answer(503, 3);
  const events = [conversation(tenant, 10), conversation(tenant, 10), conversation(tenant, 10)];
  await harness.publish(...events.flat());
  await eventually(async () => expect(hanging.receiver.calls()).toBe(3));
  await eventually(async () => expect(receiver.calls()).toBe(3));
  await moveTo(new Date(Date.now() + aheadMs + 7_000).toISOString());
  const taken = await receiver.taken(30);
  for (const own of events) {
    const ids: string[] = own.map(({ id }) => id);
    expect(taken.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual(ids);
  }
  expect(hanging.receiver.calls()).toBeLessThanOrEqual(4);
  hanging.receiver.answer(200);
});

/** Lets time pass from attempt to attempt until the only delivery is settled; from a time on the receiver takes it. */
async function untilSettled({ tenant, receiver, endpointId }: Given, backAfterMs: number) {
  const startedAt = Date.now() + aheadMs;
  for (;;) {
    const delivery = await eventually(async () => {
      const [found] = (await shown(tenant, endpointId)).deliveries;
      expect(found?.attemptCount).toBe(receiver.calls());
      return found;
    });
    if (delivery?.state !== 'PENDING') return delivery;
    const nextAt = new Date(delivery.nextAttemptAt ?? '').getTime();
    if (nextAt - startedAt >= backAfterMs) receiver.answer(200);
    const calls = receiver.calls();
    await moveTo(new Date(nextAt + 10).toISOString());
    await eventually(async () => expect(receiver.calls()).toBe(calls + 1));
  }
}

test('a receiver that is away for almost 72 hours still gets the event', async () => {
  const given = await givenEndpoint();
  given.receiver.answer(500);
  await harness.publish(...conversation(given.tenant, 1));
  await given.receiver.called(1);
  expect(await untilSettled(given, 71.9 * hourMs)).toMatchObject({ state: 'DELIVERED', lastStatus: 200 });
}, 60_000);

test('after 72 hours the event is a dead letter, which a replay of that time delivers', async () => {
  const given = await givenEndpoint();
  const { tenant, receiver, endpointId } = given;
  receiver.answer(500);
  const from = new Date(Date.now() - 1_000).toISOString();
  const event = oneOf(conversation(tenant, 1));
  await harness.publish(event);
  await receiver.called(1);
  expect(await untilSettled(given, Infinity)).toMatchObject({ state: 'DEAD', lastStatus: 500, nextAttemptAt: null });
  receiver.answer(200);
  const replay = `mutation($input: ReplayWebhooksInput!) {
    replayWebhooks(input: $input) { eventCount continuesFrom endpoint { id } errors { code } } }`;
  const to = new Date(Date.now() + aheadMs).toISOString();
  expect(await asAdmin(replay, { input: { endpointId, from, to } }, tenant)).toEqual({
    replayWebhooks: { eventCount: 1, continuesFrom: null, endpoint: { id: endpointId }, errors: [] },
  });
  expect((await receiver.taken(1)).map(({ id }) => id)).toEqual([event.id]);
}, 60_000);

test('twenty failures in a row stop the calls; a probe finds the receiver back, and everything arrives', async () => {
  const { tenant, receiver, endpointId } = await givenEndpoint();
  receiver.answer(500);
  const events = Array.from({ length: 25 }, () => conversation(tenant, 1)).flat();
  await harness.publish(...events);
  await eventually(async () => expect(await shown(tenant, endpointId)).toMatchObject({ state: 'FAILING' }));
  await eventually(async () => expect((await shown(tenant, endpointId)).failuresInRow).toBe(receiver.calls()));
  const callsBefore = receiver.calls();
  expect(callsBefore).toBeLessThan(25);
  const { probeAt } = await shown(tenant, endpointId);
  receiver.answer(200);
  await moveTo(probeAt ?? '');
  expect(await receiver.taken(25)).toHaveLength(25);
  expect(await shown(tenant, endpointId)).toMatchObject({ state: 'ACTIVE', failuresInRow: 0 });
  const told = harness.events
    .of('ingest.webhook-endpoint-changed')
    .filter(({ data }) => data.endpointId === endpointId);
  expect(told.map(({ data }) => data.state)).toEqual(['active', 'failing', 'active']);
});

test('an address that is saved again is sent at once what waits for it', async () => {
  const { tenant, receiver, endpoint, endpointId } = await givenEndpoint();
  receiver.answer(500);
  const event = oneOf(conversation(tenant, 1));
  await harness.publish(event);
  const waiting = () => shown(tenant, endpointId).then(({ deliveries: [delivery] }) => delivery);
  // After the third failure the next attempt is far behind the end of this test.
  for (const attempts of [1, 2, 3]) {
    await eventually(async () => expect(await waiting()).toMatchObject({ attemptCount: attempts, state: 'PENDING' }));
    if (attempts < 3) await moveTo((await waiting())?.nextAttemptAt ?? '');
  }
  receiver.answer(200);
  const input = { url: receiver.url, eventTypes: ['ingest.message-received'], endpointId };
  expect((await save({ ...input, expectedVersion: endpoint.version }, tenant)).errors).toEqual([]);
  expect((await receiver.taken(1)).map(({ id }) => id)).toEqual([event.id]);
});

test('410 disables the address, and enabling it sends what is new', async () => {
  const { tenant, receiver, endpoint, endpointId } = await givenEndpoint();
  receiver.answer(410);
  await harness.publish(...conversation(tenant, 1));
  await eventually(async () =>
    expect(await shown(tenant, endpointId)).toMatchObject({
      state: 'DISABLED',
      stateReason: expect.stringContaining('410'),
      deliveries: [{ state: 'DEAD' }],
    }),
  );
  receiver.answer(200);
  const input = { url: receiver.url, eventTypes: ['ingest.message-received'], endpointId };
  const stale = await save({ ...input, expectedVersion: endpoint.version }, tenant);
  expect(stale.errors.map(({ code }) => code)).toEqual(['VERSION_CONFLICT']);
  const saved = await save({ ...input, expectedVersion: stale.endpoint?.version }, tenant);
  expect(saved).toMatchObject({ secret: null, errors: [] });
  const next = oneOf(conversation(tenant, 1));
  await harness.publish(next);
  expect((await receiver.taken(1)).map(({ id }) => id)).toEqual([next.id]);
});

test('after a rotation both secrets sign for a day, then only the new one; a test call is signed as well', async () => {
  const { tenant, receiver, endpointId, secret } = await givenEndpoint();
  const rotate = `mutation($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) { secret errors { code } } }`;
  type Rotated = { rotateWebhookSecret: { secret: string } };
  const { rotateWebhookSecret } = await asAdmin<Rotated>(rotate, { input: { endpointId } }, tenant);
  expect(rotateWebhookSecret.secret).not.toBe(secret);
  const tryOut = () =>
    asAdmin(
      `mutation($input: TestWebhookEndpointInput!) { testWebhookEndpoint(input: $input) { status problem errors { code } } }`,
      { input: { endpointId } },
      tenant,
    );
  const fine = { testWebhookEndpoint: { status: 200, problem: null, errors: [] } };
  expect(await tryOut()).toEqual(fine);
  receiver.trust(rotateWebhookSecret.secret);
  expect(await tryOut()).toEqual(fine);
  expect((await receiver.taken(2)).map(({ event }) => event)).toMatchObject([
    { type: 'webhook.test' },
    { type: 'webhook.test' },
  ]);
  const before = aheadMs;
  aheadMs += 25 * hourMs;
  receiver.trust(secret);
  expect(await tryOut()).toMatchObject({ testWebhookEndpoint: { status: 401 } });
  receiver.trust(rotateWebhookSecret.secret);
  expect(await tryOut()).toEqual(fine);
  aheadMs = before;
});

test('what waits for a receiver is rewritten without the buyer when they are erased, and so is what comes late', async () => {
  const { tenant, receiver, endpointId } = await givenEndpoint({
    eventTypes: ['ingest.message-received', 'ingest.buyer-erased'],
  });
  receiver.answer(500);
  const conversationId = newId<ConversationId>();
  await insertThread(tenant, conversationId, newId());
  const says = (text: string) =>
    givenMessage({ tenantId: tenant, conversationId, content: { kind: 'text', text }, messageId: newId<MessageId>() });
  const [waiting, late] = [says('canary one'), says('canary two')];
  await harness.publish(waiting);
  await eventually(async () => expect((await shown(tenant, endpointId)).deliveries).toHaveLength(1));
  const [erasureId, customerId] = [newId<ErasureId>(), newId<CustomerId>()];
  await harness.publish(
    anEvent(
      'crm.customer-erasure-requested',
      { erasureId, customerId, conversationIds: [conversationId] },
      { tenantId: tenant, aggregateId: customerId },
    ),
  );
  await harness.events.next('ingest.buyer-erased', ({ data }) => data.erasureId === erasureId);
  await harness.publish(late);
  receiver.answer(200);
  await eventually(async () => expect((await shown(tenant, endpointId)).deliveries.length).toBeGreaterThanOrEqual(3));
  await moveTo(new Date(Date.now() + aheadMs + 60_000).toISOString());
  const taken = await receiver.taken(3);
  expect(taken.map(({ id }) => id)).toEqual(expect.arrayContaining([waiting.id, late.id]));
  expect(JSON.stringify(taken)).not.toContain('canary');
});

test('a deleted address gets nothing more', async () => {
  const { tenant, receiver, endpointId } = await givenEndpoint();
  const other = await givenEndpoint({}, tenant);
  const remove = `mutation($input: DeleteWebhookEndpointInput!) { deleteWebhookEndpoint(input: $input) { endpoint { id } errors { code } } }`;
  expect(await asAdmin(remove, { input: { endpointId } }, tenant)).toMatchObject({
    deleteWebhookEndpoint: { errors: [] },
  });
  await harness.publish(...conversation(tenant, 1));
  await other.receiver.taken(1);
  expect(receiver.calls()).toBe(0);
  expect(await asAdmin(`{ webhookEndpoints { totalCount } }`, {}, tenant)).toEqual({
    webhookEndpoints: { totalCount: 1 },
  });
});
