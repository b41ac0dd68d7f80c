import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { createMetrics } from '@crossdesk/service-kit';
import { anAgent, ask, eventually, testKeys } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { createAccountDirectory } from '../src/account/account-directory.ts';
import { accountPlace, openAccount, sealCredentials, sealToken } from '../src/account/account-secrets.ts';
import { findAccounts } from '../src/account/account.store.ts';
import { createPlatformAccess } from '../src/account/platform-access.ts';
import { adapters, type Credentials, PlatformCallError, PlatformRefusal } from '@crossdesk/channels/adapters';
import type { IngestDeps } from '../src/deps.ts';
import { fingerprintOf } from '../src/thread/fingerprint.ts';
import { createUploadDeps } from '../src/upload/upload-deps.ts';
import { createMediaDeps } from '../src/media/media-deps.ts';
import { createIngestMetrics } from '../src/metrics.ts';
import {
  connectAs,
  type Connected,
  conversationOf,
  inputOf,
  openPlatforms,
  type Platforms,
  replyTo,
  statusOf,
} from './platforms.ts';

let here: Platforms;
const tenantId = newId<TenantId>();
beforeAll(async () => {
  here = await openPlatforms('tokens');
});
afterAll(() => here.close());

let shops = 0;

/** A Shopee account that only the test uses, and processes whose refresh the test controls. */
async function givenAccount(refresh: (credentials: Credentials) => Promise<Credentials>) {
  shops += 1;
  const { runtime } = here.ingest;
  const accountId = newId<ChannelAccountId>();
  const sealing = { sealingKey: testKeys.of('ingest/sealed'), publicWebhookUrl: 'https://x.example' };
  const place = accountPlace({ tenant_id: tenantId, id: accountId });
  const credentials = { access_token: 'a1', refresh_token: 'r1', expires_at: '2026-01-01T00:00:00Z' };
  const seal = (value: Credentials) => sealCredentials(sealing, place, value);
  await runtime.db.asWorker((trx) =>
    sql`insert into channel_account (tenant_id, id, channel, external_account_id, display_name, token_hash, sealed_token,
        sealed_credentials, api_base_url, auth_base_url, status)
      values (${tenantId}, ${accountId}, 'shopee', ${`renewal-${shops}`}, 'Shop', ${Buffer.from(accountId)},
        ${sealToken(sealing, place, accountId)}, ${seal(credentials)}, 'https://a.example', 'https://a.example',
        'connected')`.execute(trx),
  );
  let asked = 0;
  const shopee = {
    ...adapters.shopee,
    tokens: {
      expireAt: ({ expires_at = '' }: Credentials) => new Date(expires_at),
      consentEndsAt: () => null,
      refresh: async (context: { account: { credentials: Credentials } }) => {
        asked += 1;
        return { ...context.account.credentials, ...(await refresh(context.account.credentials)) };
      },
    },
  };
  /** The access of one process to the account: with its own cache and its own waiting list. */
  function process() {
    const deps: IngestDeps = {
      runtime,
      metrics: createIngestMetrics({ ...runtime, metrics: createMetrics('ingest') }),
      adapters: { ...adapters, shopee },
      call: async () => {
        throw new PlatformCallError('no platform here', false);
      },
      readMailbox: () => Promise.reject(new Error('no mailboxes here')),
      submit: () => Promise.reject(new Error('no mail servers here')),
      callReceiver: () => Promise.reject(new Error('no receivers here')),
      files: { fetch: () => Promise.reject(new Error('no files here')) },
      media: createMediaDeps(
        { store: { directory: tmpdir() }, bytesMax: 1, tenantBytesMax: null, keptDays: null },
        testKeys.of('ingest/media-links'),
        '',
      ),
      uploads: createUploadDeps(testKeys, ''),
      nudgeMedia: () => undefined,
      nudgeUploads: () => undefined,
      dropUpload: async () => undefined,
      ...sealing,
      allowPrivateAddresses: true,
      platformTimeoutMs: 500,
      replyWaitMs: 3_600_000,
      backfillDays: 0,
      resyncPauseMs: 0,
      intake: async () => undefined,
      onConnected: async () => undefined,
      reportDelivery: async () => false,
    };
    return createPlatformAccess(deps, createAccountDirectory(deps));
  }
  const row = async () => {
    const [found] = await runtime.db.asWorker((trx) => findAccounts(trx, tenantId, [accountId]));
    if (found === undefined) throw new Error('the account is gone');
    return found;
  };
  const keep = (value: Credentials, status: string) =>
    runtime.db.asWorker((trx) =>
      sql`update channel_account set sealed_credentials = ${seal(value)}, status = ${status} where id = ${accountId}`.execute(
        trx,
      ),
    );
  /** A process that claimed the renewal and died, or whose lease has ended. */
  const endLease = () =>
    runtime.db.asWorker((trx) =>
      sql`update channel_account set renewal_id = coalesce(renewal_id, gen_random_uuid()), renewing_until = now() - interval '1 second'
        where id = ${accountId}`.execute(trx),
    );
  const credentialsNow = async () => openAccount(sealing, await row()).credentials;
  return { accountId, asked: () => asked, process, row, keep, endLease, credentialsNow };
}

const fresh = { access_token: 'a2', refresh_token: 'r2', expires_at: '2100-01-01T00:00:00Z' };
const refused = () => Promise.reject(new PlatformRefusal('permanent', 'error_shop_refresh_token'));

test('fifty users of an expired token in two processes cause one refresh, and none of them holds a connection', async () => {
  const gate = Promise.withResolvers<Credentials>();
  const { accountId, asked, process } = await givenAccount(() => gate.promise);
  const [one, other] = [process(), process()];
  const users = Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? one : other).open(tenantId, accountId));
  await eventually(async () => expect(asked()).toBe(1));
  // Uses all connections of the service at once: this would fail if one was held during the call to the platform.
  const { db } = here.ingest.runtime;
  await Promise.all(Array.from({ length: 8 }, () => db.asWorker((trx) => sql`select pg_sleep(0.05)`.execute(trx))));
  const { rows } = await db.asWorker((trx) =>
    sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      or (datname = current_database() and state = 'idle in transaction' and now() - state_change > interval '1 second')`.execute(
      trx,
    ),
  );
  expect(rows).toEqual([]);
  gate.resolve(fresh);
  const opened = await Promise.all(users);
  expect(new Set(opened.map((context) => context?.account.credentials['access_token']))).toEqual(new Set(['a2']));
  expect(asked()).toBe(1);
});

test('a refused refresh is asked once too, and every user learns that a person is needed', async () => {
  const { accountId, asked, process, row } = await givenAccount(refused);
  const [one, other] = [process(), process()];
  const users = Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? one : other).open(tenantId, accountId));
  const opened = await Promise.all(users);
  expect(new Set(opened)).toEqual(new Set([null]));
  expect(asked()).toBe(1);
  expect(await row()).toMatchObject({ status: 'reauthorise', status_reason: expect.stringContaining('refused') });
});

test('a platform that did not answer is asked again by the next user', async () => {
  let isAway = true;
  const { accountId, asked, process, row } = await givenAccount(async () => {
    if (isAway) throw new PlatformCallError('no answer', true);
    return fresh;
  });
  const access = process();
  await expect(access.open(tenantId, accountId)).rejects.toThrow('no answer');
  isAway = false;
  expect((await access.open(tenantId, accountId))?.account.credentials).toMatchObject({ refresh_token: 'r2' });
  expect(asked()).toBe(2);
  expect((await row()).status).toBe('connected');
});

test('a renewal that was cut off is repeated once, in case the platform never received it', async () => {
  const { accountId, asked, process, endLease, credentialsNow } = await givenAccount(async () => fresh);
  await endLease();
  expect((await process().open(tenantId, accountId))?.account.credentials).toMatchObject(fresh);
  expect(await credentialsNow()).toMatchObject(fresh);
  expect(asked()).toBe(1);
});

test('if the platform had received it, the single-use token is used up: a person authorises again, and is told why', async () => {
  const { accountId, process, endLease, row } = await givenAccount(refused);
  await endLease();
  expect(await process().open(tenantId, accountId)).toBeNull();
  expect(await row()).toMatchObject({ status: 'reauthorise', status_reason: expect.stringContaining('cut off') });
});

test('a slow process whose lease was taken over still saves its new pair: the other process was refused', async () => {
  const slow = Promise.withResolvers<Credentials>();
  let calls = 0;
  const { accountId, process, endLease, row, credentialsNow } = await givenAccount(() => {
    calls += 1;
    return calls === 1 ? slow.promise : refused();
  });
  const first = process().open(tenantId, accountId);
  await eventually(async () => expect(calls).toBe(1));
  await endLease();
  expect(await process().open(tenantId, accountId)).toBeNull();
  expect((await row()).status).toBe('reauthorise');
  slow.resolve(fresh);
  expect((await first)?.account.credentials).toMatchObject(fresh);
  expect(await credentialsNow()).toMatchObject(fresh);
  expect((await row()).status).toBe('connected');
});

test.each(['a new pair', 'a refusal'])(
  'credentials that a person entered meanwhile are not overwritten by %s for the old ones',
  async (answer) => {
    const gate = Promise.withResolvers<Credentials>();
    const { accountId, asked, process, keep, row, credentialsNow } = await givenAccount(() => gate.promise);
    const waiting = process().open(tenantId, accountId);
    await eventually(async () => expect(asked()).toBe(1));
    await keep({ ...fresh, access_token: 'entered' }, 'connected');
    if (answer === 'a refusal') gate.reject(new PlatformRefusal('permanent', 'no'));
    else gate.resolve(fresh);
    expect((await waiting)?.account.credentials['access_token'] ?? 'entered').toBe('entered');
    expect((await credentialsNow())['access_token']).toBe('entered');
    expect((await row()).status).toBe('connected');
  },
);

/** A reply of unknown outcome, of an account that lost its authorisation. */
async function plantDoubt(to: Connected, conversationId: ConversationId, text: string, attemptedDaysAgo: number) {
  const messageId = newId<MessageId>();
  const content = { kind: 'text', text } as const;
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`with lost as (update channel_account set status = 'reauthorise' where id = ${to.accountId})
      insert into delivery_intent (tenant_id, message_id, conversation_id, account_id, content, fingerprint, status, attempts,
        attempted_at, due_at)
      values (${tenantId}, ${messageId}, ${conversationId}, ${to.accountId}, ${JSON.stringify(content)}::jsonb,
        ${fingerprintOf(content)}, 'unknown', 1, now() - ${attemptedDaysAgo} * interval '1 day', now())`.execute(trx),
  );
  return messageId;
}

async function stateOf(messageId: MessageId) {
  const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
    sql<{ status: string; needs_person: boolean; is_looked_at: boolean }>`
      select status, needs_person, due_at > now() + interval '10 seconds' as is_looked_at from delivery_intent
      where message_id = ${messageId}`.execute(trx),
  );
  return rows[0];
}

test('a reply in doubt waits for a new authorisation, and is then settled without a person', async () => {
  const to = await here.connect(tenantId, 'shopee', '810000001');
  const conversationId = await conversationOf(here, to, 'in doubt');
  const messageId = await plantDoubt(to, conversationId, 'Did it arrive?', 0);
  await eventually(async () => {
    expect(await stateOf(messageId)).toEqual({ status: 'unknown', needs_person: false, is_looked_at: true });
  });
  const list = `{ unknownDeliveries { edges { node { message { id } } } } }`;
  expect((await ask(here.ingest.subgraph, anAgent(tenantId, 'supervisor'), list)).data).toMatchObject({
    unknownDeliveries: { edges: [] },
  });
  // The tokens the platform shows now: the first ones are used up.
  const shown = here.twin.shops().find((shop) => shop.externalAccountId === to.shop.externalAccountId);
  await connectAs(here.ingest, tenantId, inputOf(shown ?? to.shop));
  await statusOf(here, messageId, 'sent');
  expect(here.twin.journal().filter(({ text }) => text === 'Did it arrive?')).toHaveLength(1);
  const request = replyTo(to, conversationId, 'next');
  await here.harness.publish(request);
  await statusOf(here, request.data.messageId, 'sent');
});

test('after three days without authorisation a person decides', async () => {
  const to = await here.connect(tenantId, 'shopee', '810000002');
  const conversationId = await conversationOf(here, to, 'for long');
  const messageId = await plantDoubt(to, conversationId, 'Three days', 3.1);
  await eventually(async () =>
    expect(await stateOf(messageId)).toMatchObject({ status: 'unknown', needs_person: true }),
  );
});
