import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelAccountId, type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { openCrm } from '@crossdesk/crm';
import { startLocalPostgres } from '@crossdesk/local-postgres';
import { type Broker, createLog, keysOf, openBroker, systemClock } from '@crossdesk/service-kit';
import { Client } from 'pg';
import { seedCustomers } from './crm-seed.ts';
import { type Figure } from './figures.ts';

const messages = 20_000;
const planned = 5_000;
const publishAtOnce = 1_000;

/**
 * The crm service without the others, on its own Postgres that writes durably: how long a message takes it, the work of its
 * Postgres included, and how many planned messages a second pass its gate.
 */
export async function benchCrmAlone(customers: number): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-bench-'));
  chmodSync(directory, 0o755);
  const postgres = await startLocalPostgres({ directory });
  const databaseUrl = postgres.urlOf('postgres');
  const keys = keysOf(randomBytes(32));
  const log = createLog('crm', 'error');
  const broker = await openBroker({ kafka: null, databaseUrl, keys, log });
  const deps = { databaseUrl, keys, broker, log, clock: systemClock, outboxKeptMonths: null };
  const crm = await openCrm(deps);
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    const store = { tenantId: newId<TenantId>(), accountId: newId<ChannelAccountId>() };
    await seedCustomers(database, { ...store, customers });
    await database.query(outreach, [store.tenantId, store.accountId, planned]);
    await publishMessages(broker, store, customers);
    const startedAt = performance.now();
    await crm.start();
    await until(
      database,
      `select count(*) >= ${messages} as done from crm.consumed_event where consumer = 'crm.links'`,
    );
    const tookMs = performance.now() - startedAt;
    await until(database, `select not exists (select from crm.outreach where state = 'planned') as done`);
    return [inboundFigure(tookMs), await rawTransactions(databaseUrl), await gateFigure(database)];
  } finally {
    await database.end();
    await crm.stop(10_000);
    await broker.close();
    await postgres.remove();
  }
}

function inboundFigure(tookMs: number): Figure {
  const us = (tookMs * 1_000) / messages;
  const detail = `${messages} messages of known buyers, a tenth names an order`;
  return {
    ...{ name: 'crm: share of an inbound message', value: us, unit: 'us', target: '<= 150' },
    ...{ isReached: us <= 150, detail },
  };
}

const connections = 4;
const rawTransactionsEach = 500;

/** What Postgres commits in this run, with as many connections as the gate: a row locked, changed and committed. */
async function rawTransactions(databaseUrl: string): Promise<Figure> {
  const clients = Array.from({ length: connections }, () => new Client({ connectionString: databaseUrl }));
  await Promise.all(clients.map((client) => client.connect()));
  const startedAt = performance.now();
  await Promise.all(clients.map((client, n) => changeRows(client, n)));
  const perSecond = (connections * rawTransactionsEach) / ((performance.now() - startedAt) / 1_000);
  await Promise.all(clients.map((client) => client.end()));
  return {
    name: 'crm: raw: rows locked, changed and committed',
    value: perSecond,
    unit: '/s',
    target: '',
    isReached: true,
  };
}

async function changeRows(client: Client, worker: number): Promise<void> {
  const { rows } = await client.query<{ tenant_id: string; id: string }>(
    'select tenant_id, id from crm.outreach order by id limit $1 offset $2',
    [rawTransactionsEach, worker * rawTransactionsEach],
  );
  for (const { tenant_id: tenantId, id } of rows) {
    await client.query('begin');
    await client.query('select from crm.outreach where tenant_id = $1 and id = $2 for update', [tenantId, id]);
    await client.query('update crm.outreach set settled_at = now() where tenant_id = $1 and id = $2', [tenantId, id]);
    await client.query('commit');
  }
}

async function gateFigure(database: Client): Promise<Figure> {
  const { rows } = await database.query<{ decided: string; seconds: string }>(
    `select count(*) filter (where state = 'decided') as decided, extract(epoch from max(decided_at) - min(decided_at)) as seconds
     from crm.outreach`,
  );
  const decided = Number(rows[0]?.decided);
  const perSecond = planned / Number(rows[0]?.seconds);
  const detail = `${decided} of ${planned} may be sent`;
  return {
    ...{ name: 'crm: planned messages that pass the gate or are stopped', value: perSecond, unit: '/s' },
    ...{ target: '>= 1,000', isReached: perSecond >= 1_000, detail },
  };
}

async function until(database: Client, query: string): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ done: boolean }>(query);
    if (rows[0]?.done === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Store {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
}

/** Messages of known buyers, as ingest publishes them. */
async function publishMessages(broker: Broker, { tenantId, accountId }: Store, customers: number): Promise<void> {
  const threads = Array.from({ length: messages / 10 }, () => newId<ConversationId>());
  const at = new Date().toISOString();
  const recordOf = (n: number) => {
    const conversationId = threads[n % threads.length] ?? newId<ConversationId>();
    const buyer = 1 + (((n % threads.length) * 37) % customers);
    const externalId = `buyer-${buyer}`;
    const data = {
      ...{
        conversationId,
        messageId: newId<MessageId>(),
        accountId,
        channel: 'generic',
        externalThreadId: conversationId,
      },
      ...{ externalMessageId: `message-${n}`, direction: 'inbound', author: 'buyer' },
      buyer: {
        externalId,
        commerceId: externalId,
        name: `Buyer ${buyer}`,
        phone: null,
        email: null,
        avatarUrl: null,
        locale: null,
      },
      content: { kind: 'text', text: n % 10 === 0 ? `Where is O-${buyer}-1?` : 'Hello, when will it arrive?' },
      ...{ sequence: null, replyToExternalId: null, externalOrderIds: [] },
    };
    const event = {
      ...{ id: newId(), type: 'ingest.message-received', version: 1, source: 'ingest', tenantId },
      ...{ aggregateId: conversationId, aggregateVersion: 1 + Math.floor(n / threads.length) },
      ...{ occurredAt: at, receivedAt: at, recordedAt: at, actor: { kind: 'system', id: null } },
      ...{ correlationId: newId(), causationId: null, causationDepth: 0, data },
    };
    return { topic: 'ingest.inbound', key: conversationId, value: JSON.stringify(event), headers: {} } as const;
  };
  for (let made = 0; made < messages; made += publishAtOnce)
    await broker.publish(Array.from({ length: publishAtOnce }, (_, n) => recordOf(made + n)));
}

/** Notices of shipped orders that are due, of customers with a thread. */
const outreach = `
  insert into crm.outreach (tenant_id, id, kind, subject, profile_id, account_id, texts, variables, hold_out_share, zone, planned_at,
    not_after, due_at, state)
  select $1, uuidv7(), 'stage-notice', gen_random_uuid() || ' shipped', l.customer_id, $2,
    '[{"locale": "en", "text": "Your order {order} is on its way."}, {"locale": "pt-BR", "text": "Seu pedido {order} está a caminho."}]',
    '{"order": "O-1"}', 0, 'UTC', now(), now() + interval '1 day', now(), 'planned'
  from crm.conversation_link l where l.tenant_id = $1 limit $3`;
