import type { CustomerId, TenantId } from '@crossdesk/contracts';
import type { Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Row, DB } from '../db.ts';
import { buyerIdsOf } from '../customer/buyer-ids.ts';
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
  readonly outreach_id: Row<'outreach'>['id'] | null;
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
    with person as materialized (
      select id from profile where tenant_id = ${tenantId} and customer_id = ${customerId}
    ), told as materialized (
      -- As text here: turning an id into text is not leakproof, so that row-level security would let no index be used below.
      select conversation_id, conversation_id::text as value, account_id from conversation_link
      where tenant_id = ${tenantId} and customer_id = ${customerId}
    ), bought as materialized (
      select o.order_id, o.account_id, o.placed_at
      from (${buyerIdsOf(tenantId, sql`${customerId}::uuid`)}) as i
      join order_ref o on o.tenant_id = ${tenantId} and o.account_id = i.account_id and o.buyer_external_id = i.value
    ), cased as materialized (
      select c.*, t.account_id from told t
      join customer_case c on c.tenant_id = ${tenantId} and c.conversation_id = t.conversation_id
    ), promised as materialized (
      select f.* from person p join follow_up f on f.tenant_id = ${tenantId} and f.profile_id = p.id
    ), entry as (
      select i.at, 'conversation-begun' as kind, null::text as detail, t.account_id, t.conversation_id,
        null::uuid as order_id, null::uuid as case_id, null::uuid as follow_up_id, null::uuid as outreach_id, '' as place
      from told t
      cross join lateral (select min(first_seen_at) as at from customer_identity
        where tenant_id = ${tenantId} and kind = 'conversation' and account_id = ${everywhere}::uuid
          and value = t.value) as i
      where i.at is not null
      union all
      select placed_at, 'order-placed', null, account_id, null, order_id, null, null, null, '' from bought
      union all
      select s.at, 'order-state', s.state, b.account_id, null, b.order_id, null, null, null, s.version::text
      from bought b join order_state s on s.tenant_id = ${tenantId} and s.order_id = b.order_id
      union all
      select opened_at, 'case-opened', type, account_id, null, null, case_id, null, null, '' from cased
      union all
      select moved_at, 'case-moved', state, account_id, null, null, case_id, null, null, '' from cased where moved_at is not null
      union all
      select created_at, 'follow-up-created', text, null, null, null, null, id, null, '' from promised
      union all
      select closed_at, 'follow-up-' || state, text, null, null, null, null, id, null, '' from promised where state <> 'open'
      union all
      ${aboutPerson(tenantId)}
    ), named as (
      select *, overlay(overlay(
        md5(kind || coalesce(coalesce(conversation_id, order_id, case_id, follow_up_id, outreach_id)::text, '') || place)
        placing '8' from 13) placing 'a' from 17)::uuid as id
      from entry
    )
    select id, at, kind, detail, account_id, conversation_id, order_id, case_id, follow_up_id, outreach_id
    from named ${behind} order by at desc, id desc limit ${first + 1}`.execute(trx);
  return rows.map(toEntry);
}

/** What concerns the customer as a whole: entries of the profiles in `person`. Tiers are seen by those who see all stores. */
function aboutPerson(tenantId: TenantId): RawBuilder<unknown> {
  const nobodyElse = sql`null::uuid, null::uuid, null::uuid, null::uuid, null::uuid, null::uuid`;
  return sql`
      select f.said_at, case when f.is_set then 'tagged' else 'untagged' end, f.name,
        ${nobodyElse}, p.id || f.tag
      from person p join tag_fact f on f.tenant_id = ${tenantId} and f.profile_id = p.id
      union all
      select t.since, 'tagged', t.name, ${nobodyElse}, 'rule ' || p.id || t.tag
      from person p join customer_tag t on t.tenant_id = ${tenantId} and t.customer_id = p.id and t.rule_id is not null
      union all
      select h.changed_at, 'tier-changed', h.to_tier, ${nobodyElse}, p.id::text || h.version
      from person p join tier_history h on h.tenant_id = ${tenantId} and h.customer_id = p.id
      union all
      select c.recorded_at, case c.state when 'granted' then 'consent-given' else 'consent-withdrawn' end, c.purpose,
        ${nobodyElse}, c.id::text
      from person p join consent c on c.tenant_id = ${tenantId} and c.profile_id = p.id
      union all
      select coalesce(o.settled_at, o.decided_at, o.planned_at),
        case when o.state = 'planned' then 'outreach-planned' when o.state in ('decided', 'sent') then 'outreach-sent'
          else 'outreach-stopped' end,
        o.reason, o.account_id, null, null, null, null, o.id, ''
      from person p join outreach o on o.tenant_id = ${tenantId} and o.profile_id = p.id`;
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
    outreachId: row.outreach_id,
  };
}
