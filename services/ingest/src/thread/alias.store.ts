import type { ConversationId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import {
  type AliasClaim,
  aliasKey,
  type KnownAliases,
  type Placement,
  placeThreads,
  type ToldThread,
} from './alias.domain.ts';

/**
 * Finds or names the threads of messages. Known ids, which nearly all are, cost one read. New ids take turns within an
 * account until the commit, so that two processes cannot give one buyer two threads.
 */
export async function placeInThreads(
  trx: Trx,
  told: readonly ToldThread[],
  createId: () => ConversationId,
): Promise<Placement> {
  const placement = placeThreads(told, await readAliases(trx, told), createId);
  if (placement.claims.length === 0 && placement.joins.length === 0) return placement;
  await takeTurns(trx, told);
  // Read again: a process that had the turn before has committed by now.
  const final = placeThreads(told, await readAliases(trx, told), createId);
  await saveAliases(trx, final.claims);
  return final;
}

/** Few enough for the lock table of Postgres with any batch. Two accounts in one bucket only wait for each other. */
const buckets = 256;

async function takeTurns(trx: Trx, told: readonly ToldThread[]): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtext('ingest.threads'), bucket)
    from (select distinct abs(hashtext(account_id) % ${buckets}::int) as bucket
      from unnest(${told.map(({ accountId }) => accountId)}::text[]) as a (account_id) order by 1) as sorted`.execute(
    trx,
  );
}

type AliasRow = Pick<Row<'thread_alias'>, 'account_id' | 'id' | 'conversation_id'> & { readonly is_anchored: boolean };

async function readAliases(trx: Trx, told: readonly ToldThread[]): Promise<KnownAliases> {
  const asked = told.flatMap(({ tenantId, accountId, aliases }) =>
    aliases.map(({ id }) => ({ tenantId, accountId, id })),
  );
  const { rows } = await sql<AliasRow>`
    select a.account_id, a.id, a.conversation_id, not a.is_lent or exists (
      select from thread_alias other
      where other.tenant_id = a.tenant_id and other.conversation_id = a.conversation_id and not other.is_lent) as is_anchored
    from (select distinct * from unnest(${asked.map((a) => a.tenantId)}::uuid[], ${asked.map((a) => a.accountId)}::uuid[],
      ${asked.map((a) => a.id)}::text[]) as n (tenant_id, account_id, id)) as n
    join thread_alias a using (tenant_id, account_id, id)`.execute(trx);
  return {
    owners: new Map(rows.map((row) => [aliasKey(row.account_id, row.id), row.conversation_id])),
    anchored: new Set(rows.filter((row) => row.is_anchored).map((row) => row.conversation_id)),
  };
}

async function saveAliases(trx: Trx, claims: readonly AliasClaim[]): Promise<void> {
  if (claims.length === 0) return;
  await sql`
    insert into thread_alias (tenant_id, account_id, id, is_lent, conversation_id)
    select * from unnest(${claims.map((c) => c.tenantId)}::uuid[], ${claims.map((c) => c.accountId)}::uuid[],
      ${claims.map((c) => c.id)}::text[], ${claims.map((c) => c.isLent)}::bool[],
      ${claims.map((c) => c.conversationId)}::uuid[]) as n (tenant_id, account_id, id, is_lent, conversation_id)
    order by tenant_id, account_id, id
    on conflict (tenant_id, account_id, id) do update set conversation_id = excluded.conversation_id`.execute(trx);
}
