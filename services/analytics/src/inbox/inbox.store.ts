import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Counter, Fact } from './inbox.domain.ts';

type Trx = Transaction<DB>;

/**
 * Locks the facts of the given conversations and returns those that are counted. New conversations get a row that
 * counts nothing, so that there is a row to lock.
 */
export async function lockFacts(trx: Trx, facts: readonly Fact[]): Promise<Fact[]> {
  const tenantIds = facts.map((fact) => fact.tenantId);
  const conversationIds = facts.map((fact) => fact.conversationId);
  await sql`
    insert into conversation_fact (tenant_id, conversation_id, account_id, channel, state, unread_count, is_joined, version)
    select *, 0, false, 0 from unnest(${tenantIds}::uuid[], ${conversationIds}::uuid[],
      ${facts.map((fact) => fact.accountId)}::uuid[], ${facts.map((fact) => fact.channel)}::text[],
      ${facts.map((fact) => fact.state)}::text[]) as f (tenant_id, conversation_id, account_id, channel, state)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do nothing`.execute(trx);
  const { rows } = await sql<Row<'conversation_fact'>>`
    select * from conversation_fact
    where (tenant_id, conversation_id) in (select * from unnest(${tenantIds}::uuid[], ${conversationIds}::uuid[]))
    order by tenant_id, conversation_id for update`.execute(trx);
  return rows.filter((row) => row.version > 0).map(toFact);
}

function toFact(row: Row<'conversation_fact'>): Fact {
  return {
    tenantId: row.tenant_id,
    conversationId: row.conversation_id,
    accountId: row.account_id,
    channel: row.channel,
    state: row.state,
    unreadCount: row.unread_count,
    isJoined: row.is_joined,
    version: row.version,
  };
}

/** Replaces locked facts. */
export async function saveFacts(trx: Trx, facts: readonly Fact[]): Promise<void> {
  await sql`
    update conversation_fact as c
    set account_id = f.account_id, channel = f.channel, state = f.state, unread_count = f.unread_count,
      is_joined = f.is_joined, version = f.version
    from unnest(${facts.map((fact) => fact.tenantId)}::uuid[], ${facts.map((fact) => fact.conversationId)}::uuid[],
      ${facts.map((fact) => fact.accountId)}::uuid[], ${facts.map((fact) => fact.channel)}::text[],
      ${facts.map((fact) => fact.state)}::text[], ${facts.map((fact) => fact.unreadCount)}::integer[],
      ${facts.map((fact) => fact.isJoined)}::boolean[], ${facts.map((fact) => fact.version)}::integer[])
      as f (tenant_id, conversation_id, account_id, channel, state, unread_count, is_joined, version)
    where c.tenant_id = f.tenant_id and c.conversation_id = f.conversation_id`.execute(trx);
}

/** Adds changes to the counters. All batches use the same order of rows, so that they cannot deadlock. */
export async function addToCounters(trx: Trx, changes: readonly Counter[]): Promise<void> {
  await sql`
    insert into inbox_counter as c (tenant_id, account_id, channel, state, conversation_count, unread_message_count)
    select * from unnest(${changes.map((change) => change.tenantId)}::uuid[],
      ${changes.map((change) => change.accountId)}::uuid[], ${changes.map((change) => change.channel)}::text[],
      ${changes.map((change) => change.state)}::text[], ${changes.map((change) => change.conversationCount)}::bigint[],
      ${changes.map((change) => change.unreadMessageCount)}::bigint[])
      as d (tenant_id, account_id, channel, state, conversation_count, unread_message_count)
    order by tenant_id, account_id, channel, state
    on conflict (tenant_id, account_id, channel, state) do update
    set conversation_count = c.conversation_count + excluded.conversation_count,
      unread_message_count = c.unread_message_count + excluded.unread_message_count`.execute(trx);
}

export interface Progress {
  readonly tenantId: TenantId;
  readonly countedUntil: string;
}

/** Records up to which event each tenant is counted. */
export async function noteProgress(trx: Trx, progress: readonly Progress[]): Promise<void> {
  await sql`
    insert into inbox_progress as p (tenant_id, counted_until)
    select tenant_id, max(counted_until)
    from unnest(${progress.map((one) => one.tenantId)}::uuid[],
      ${progress.map((one) => one.countedUntil)}::timestamptz[]) as n (tenant_id, counted_until)
    group by tenant_id order by tenant_id
    on conflict (tenant_id) do update set counted_until = excluded.counted_until
    where p.counted_until < excluded.counted_until`.execute(trx);
}

/** Allows one recount of a tenant at a time: two would correct the same difference twice. */
export async function takeRecountTurn(trx: Trx, tenantId: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`recount ${tenantId}`}, 0))`.execute(trx);
}

type Missing = Pick<Row<'inbox_counter'>, 'account_id' | 'channel' | 'state'> & {
  readonly conversations: number;
  readonly messages: number;
};

/**
 * What is missing in each counter compared with a count of the facts. One statement sees one snapshot, and a batch
 * commits facts and counters together, so concurrent batches cause no difference.
 */
export async function missingInCounters(trx: Trx, tenantId: TenantId): Promise<Counter[]> {
  const { rows } = await sql<Missing>`
    with counted as (
      select account_id, channel, state, count(*) as conversations, sum(unread_count) as messages
      from conversation_fact where tenant_id = ${tenantId} and version > 0 and not is_joined group by account_id, channel, state
    ), kept as (
      select account_id, channel, state, conversation_count as conversations, unread_message_count as messages
      from inbox_counter where tenant_id = ${tenantId}
    ), missing as (
      select account_id, channel, state,
        (coalesce(counted.conversations, 0) - coalesce(kept.conversations, 0))::int as conversations,
        (coalesce(counted.messages, 0) - coalesce(kept.messages, 0))::int as messages
      from counted full join kept using (account_id, channel, state)
    )
    select * from missing where conversations <> 0 or messages <> 0
    order by account_id, channel, state`.execute(trx);
  return rows.map(({ account_id: accountId, channel, state, conversations, messages }) => {
    return { tenantId, accountId, channel, state, conversationCount: conversations, unreadMessageCount: messages };
  });
}

export async function listTenants(trx: Trx): Promise<TenantId[]> {
  const rows = await trx.selectFrom('inbox_progress').select('tenant_id').orderBy('tenant_id').execute();
  return rows.map((row) => row.tenant_id);
}

export function readCounters(trx: Trx, tenantId: TenantId) {
  return trx
    .selectFrom('inbox_counter')
    .select(['account_id', 'channel', 'state', 'conversation_count', 'unread_message_count'])
    .where('tenant_id', '=', tenantId)
    .orderBy('channel')
    .orderBy('account_id')
    .orderBy('state')
    .execute();
}

export async function readCountedUntil(trx: Trx, tenantId: TenantId): Promise<Date | null> {
  const row = await trx
    .selectFrom('inbox_progress')
    .select('counted_until')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row?.counted_until ?? null;
}
