import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Counter } from './inbox.domain.ts';
import { toCounter, zeroId } from './inbox.store.ts';

/** Allows one recount of a tenant at a time: two would correct the same difference twice. */
export async function takeRecountTurn(trx: Transaction<DB>, tenantId: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`recount ${tenantId}`}, 0))`.execute(trx);
}

const key = sql`tenant_id, account_id, channel, state, phase, assignee_id, team_id, enquiry_type, marks`;

/**
 * What is missing in each counter compared with a count of the facts. One statement sees one snapshot, and a batch
 * commits facts and counters together, so concurrent batches cause no difference.
 */
export async function missingInCounters(trx: Transaction<DB>, tenantId: TenantId): Promise<Counter[]> {
  const { rows } = await sql<Row<'inbox_counter'>>`
    with found as (
      select tenant_id, account_id, channel, state, phase, coalesce(assignee_id, ${zeroId}) as assignee_id,
        coalesce(team_id, ${zeroId}) as team_id, coalesce(enquiry_type, '') as enquiry_type,
        array_to_string(marks, ',') as marks, 1 as conversations, unread_count as unread, unprocessed_count as unprocessed,
        replied_count as replied, cardinality(abnormal_ids) as abnormal
      from conversation_fact where tenant_id = ${tenantId} and version > 0 and not is_joined
      union all
      select ${key}, -conversation_count, -unread_message_count, -unprocessed_message_count, -replied_message_count,
        -abnormal_message_count
      from inbox_counter where tenant_id = ${tenantId}
    ), missing as (
      select ${key}, sum(conversations) as conversation_count, sum(unread) as unread_message_count,
        sum(unprocessed) as unprocessed_message_count, sum(replied) as replied_message_count,
        sum(abnormal) as abnormal_message_count
      from found group by ${key}
    )
    select * from missing
    where (conversation_count, unread_message_count, unprocessed_message_count, replied_message_count, abnormal_message_count)
      <> (0, 0, 0, 0, 0)
    order by ${key}`.execute(trx);
  return rows.map(toCounter);
}

/** Counters at zero are the same as none. Those that a batch changes right now are left for the next time. */
export async function deleteEmptyCounters(trx: Transaction<DB>, tenantId: TenantId): Promise<void> {
  await sql`
    with empty as materialized (
      select ${key} from inbox_counter
      where tenant_id = ${tenantId} and (conversation_count, unread_message_count, unprocessed_message_count,
        replied_message_count, abnormal_message_count) = (0, 0, 0, 0, 0)
      order by ${key} for update skip locked
    )
    delete from inbox_counter where (${key}) in (select ${key} from empty)`.execute(trx);
}

export async function listTenants(trx: Transaction<DB>): Promise<TenantId[]> {
  const rows = await trx.selectFrom('inbox_progress').select('tenant_id').orderBy('tenant_id').execute();
  return rows.map((row) => row.tenant_id);
}
