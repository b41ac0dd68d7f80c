import type { CustomerId, TenantId } from '@crossdesk/contracts';
import type { Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { Row, DB } from '../db.ts';
import { everywhere } from '../customer/identity.domain.ts';
import type { TimelineEntry } from './timeline.domain.ts';

type Trx = Transaction<DB>;

interface EntryRow {
  readonly id: string;
  readonly at: Date;
  readonly kind: TimelineEntry['kind'];
  readonly detail: string | null;
  readonly account_id: Row<'order_ref'>['account_id'] | null;
  readonly conversation_id: Row<'conversation_link'>['conversation_id'] | null;
  readonly order_id: Row<'order_ref'>['order_id'] | null;
  readonly case_id: Row<'customer_case'>['case_id'] | null;
  readonly follow_up_id: Row<'follow_up'>['id'] | null;
}

/**
 * What happened with a customer on all channels: a page, the latest first, and one entry more. It is derived from the facts
 * of the customer's profiles, conversations and orders, so that it follows when customers are merged or separated.
 */
export async function readTimeline(
  trx: Trx,
  tenantId: TenantId,
  customerId: CustomerId,
  { first, after }: { readonly first: number; readonly after: Keyset | null },
): Promise<TimelineEntry[]> {
  const behind = after === null ? sql`` : sql`where (at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<EntryRow>`
    with told as materialized (
      select conversation_id, account_id from conversation_link
      where tenant_id = ${tenantId} and customer_id = ${customerId}
    ), bought as materialized (
      select o.order_id, o.account_id, o.placed_at
      from customer_identity i
      join order_ref o on o.tenant_id = i.tenant_id and o.account_id = i.account_id and o.buyer_external_id = i.value
      where i.tenant_id = ${tenantId} and i.customer_id = ${customerId} and i.kind = 'platform_commerce'
    ), cased as materialized (
      select c.*, t.account_id from told t
      join customer_case c on c.tenant_id = ${tenantId} and c.conversation_id = t.conversation_id
    ), promised as materialized (
      select f.* from profile p join follow_up f on f.tenant_id = p.tenant_id and f.profile_id = p.id
      where p.tenant_id = ${tenantId} and p.customer_id = ${customerId}
    ), entry as (
      select i.first_seen_at as at, 'conversation-begun' as kind, null::text as detail, t.account_id, t.conversation_id,
        null::uuid as order_id, null::uuid as case_id, null::uuid as follow_up_id, '' as place
      from told t
      join customer_identity i on i.tenant_id = ${tenantId} and i.kind = 'conversation'
        and i.account_id = ${everywhere}::uuid and i.value = t.conversation_id::text
      union all
      select placed_at, 'order-placed', null, account_id, null, order_id, null, null, '' from bought
      union all
      select s.at, 'order-state', s.state, b.account_id, null, b.order_id, null, null, s.version::text
      from bought b join order_state s on s.tenant_id = ${tenantId} and s.order_id = b.order_id
      union all
      select opened_at, 'case-opened', type, account_id, null, null, case_id, null, '' from cased
      union all
      select moved_at, 'case-moved', state, account_id, null, null, case_id, null, '' from cased where moved_at is not null
      union all
      select created_at, 'follow-up-created', text, null, null, null, null, id, '' from promised
      union all
      select closed_at, 'follow-up-' || state, text, null, null, null, null, id, '' from promised where state <> 'open'
    ), named as (
      select *, overlay(overlay(
        md5(kind || coalesce(conversation_id, order_id, case_id, follow_up_id)::text || place)
        placing '8' from 13) placing 'a' from 17)::uuid as id
      from entry
    )
    select id, at, kind, detail, account_id, conversation_id, order_id, case_id, follow_up_id
    from named ${behind} order by at desc, id desc limit ${first + 1}`.execute(trx);
  return rows.map(toEntry);
}

function toEntry(row: EntryRow): TimelineEntry {
  return {
    id: row.id,
    at: row.at,
    kind: row.kind,
    detail: row.detail,
    accountId: row.account_id,
    conversationId: row.conversation_id,
    orderId: row.order_id,
    caseId: row.case_id,
    followUpId: row.follow_up_id,
  };
}
