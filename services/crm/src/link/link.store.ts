import type { ChannelAccountId, ConversationId, CustomerId, OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { everywhere } from '../customer/identity.domain.ts';
import { confidenceOf, type LinkReason } from './link.domain.ts';
import type { Mention } from './mention.domain.ts';

type Trx = Transaction<DB>;

export interface ConversationKey {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
}

/** Stores what conversations name, with the time of the last mention. */
export async function saveMentions(trx: Trx, mentions: readonly Mention[]): Promise<void> {
  if (mentions.length === 0) return;
  await sql`
    insert into conversation_mention as m (tenant_id, conversation_id, kind, token, account_id, mentioned_at)
    select tenant_id, conversation_id, kind, token, min(account_id::text)::uuid, max(mentioned_at)
    from unnest(${mentions.map((m) => m.tenantId)}::uuid[], ${mentions.map((m) => m.conversationId)}::uuid[],
      ${mentions.map((m) => m.kind)}::text[], ${mentions.map((m) => m.token)}::text[],
      ${mentions.map((m) => m.accountId)}::uuid[], ${mentions.map((m) => m.mentionedAt)}::timestamptz[])
      as n (tenant_id, conversation_id, kind, token, account_id, mentioned_at)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (tenant_id, conversation_id, kind, token) do update set mentioned_at = excluded.mentioned_at
    where m.kind <> 'buyer' and m.mentioned_at < excluded.mentioned_at`.execute(trx);
}

export interface LinkToMake extends ConversationKey {
  /** The store of the conversation; null for one that has its link already. */
  readonly accountId: ChannelAccountId | null;
}

/** Locks the links of conversations, after creating the missing ones. */
export async function lockLinks(trx: Trx, conversations: readonly LinkToMake[], now: Date): Promise<void> {
  const tenantIds = conversations.map((c) => c.tenantId);
  const conversationIds = conversations.map((c) => c.conversationId);
  await sql`
    insert into conversation_link (tenant_id, conversation_id, account_id, linked_at, version)
    select distinct on (tenant_id, conversation_id) tenant_id, conversation_id, account_id, ${now}::timestamptz, 0
    from unnest(${tenantIds}::uuid[], ${conversationIds}::uuid[], ${conversations.map((c) => c.accountId)}::uuid[])
      as c (tenant_id, conversation_id, account_id)
    where account_id is not null
    order by tenant_id, conversation_id
    on conflict do nothing`.execute(trx);
  await sql`
    select 1 from conversation_link
    where (tenant_id, conversation_id) in (select * from unnest(${tenantIds}::uuid[], ${conversationIds}::uuid[]))
    order by tenant_id, conversation_id for update`.execute(trx);
}

export interface ChangedLink extends ConversationKey {
  readonly customerId: CustomerId;
  readonly orderId: OrderId | null;
  readonly confidence: number | null;
  readonly reason: LinkReason | null;
  readonly version: number;
}

/**
 * Whether the order `o` is known to be of somebody else than the buyer of the conversation `w`. Whoever names the number of
 * such an order, on purpose or by mistake, learns nothing about it.
 */
const isOfAnother = sql`(
  o.buyer_external_id is not null
  and exists (
    select from conversation_mention b
    where b.tenant_id = w.tenant_id and b.conversation_id = w.conversation_id and b.kind = 'buyer'
      and b.account_id = o.account_id)
  and not exists (
    select from conversation_mention b
    where b.tenant_id = w.tenant_id and b.conversation_id = w.conversation_id and b.kind = 'buyer'
      and b.account_id = o.account_id and b.token = o.buyer_external_id))`;

/**
 * The orders that the conversation `w` may be about. A word that means several orders means none: their ids differ in
 * punctuation or case only. One conversation at a time, each by index: for a batch of 500,
 * joins over all of them took 300 ms while the planner had no statistics; this takes 20 ms.
 */
const candidates = sql`
  select o.order_id, o.placed_at, m.mentioned_at as ranked_at, 'PLATFORM_REFERENCE' as reason
  from conversation_mention m
  join order_ref o on o.tenant_id = m.tenant_id and o.account_id = m.account_id and o.reference = m.token
  where m.tenant_id = w.tenant_id and m.conversation_id = w.conversation_id and m.kind = 'reference' and not ${isOfAnother}
  union all
  select o.order_id, o.placed_at, m.mentioned_at, 'ORDER_NUMBER_IN_TEXT'
  from conversation_mention m
  join order_ref o on o.tenant_id = m.tenant_id and o.account_id = m.account_id and o.order_number = m.token
  where m.tenant_id = w.tenant_id and m.conversation_id = w.conversation_id and m.kind = 'text' and not ${isOfAnother}
    and not exists (
      select from order_ref other
      where other.tenant_id = o.tenant_id and other.account_id = o.account_id and other.order_number = o.order_number
        and other.order_id <> o.order_id)
  union all
  select o.order_id, o.placed_at, m.mentioned_at, 'TRACKING_NUMBER_IN_TEXT'
  from conversation_mention m
  join order_tracking t on t.tenant_id = m.tenant_id and t.account_id = m.account_id and t.tracking_number = m.token
  join order_ref o on o.tenant_id = t.tenant_id and o.order_id = t.order_id
  where m.tenant_id = w.tenant_id and m.conversation_id = w.conversation_id and m.kind = 'text' and not ${isOfAnother}
  union all
  select o.order_id, o.placed_at, o.placed_at,
    case when o.found = 1 then 'ONLY_ORDER_OF_BUYER' else 'LATEST_ORDER_OF_BUYER' end
  from conversation_mention m
  cross join lateral (
    select order_id, placed_at, count(*) over () as found from (
      select order_id, placed_at from order_ref
      where tenant_id = m.tenant_id and account_id = m.account_id and buyer_external_id = m.token
      order by placed_at desc, order_id desc limit 2
    ) as latest
    order by placed_at desc, order_id desc limit 1
  ) as o
  where m.tenant_id = w.tenant_id and m.conversation_id = w.conversation_id and m.kind = 'buyer'`;

/**
 * Derives the links of locked conversations from customers, orders and mentions, and returns those that changed. The
 * link depends only on these facts, not on the order in which they became known.
 */
export async function deriveLinks(
  trx: Trx,
  conversations: readonly ConversationKey[],
  now: Date,
): Promise<ChangedLink[]> {
  const { rows } = await sql<LinkRow>`
    with certainty as (
      select * from unnest(${Object.keys(confidenceOf)}::text[], ${Object.values(confidenceOf)}::double precision[])
        as r (reason, confidence)
    ), target as materialized (
      select w.tenant_id, w.conversation_id, i.customer_id, best.order_id, best.confidence, best.reason
      from (select distinct * from unnest(${conversations.map((c) => c.tenantId)}::uuid[],
        ${conversations.map((c) => c.conversationId)}::uuid[]) as c (tenant_id, conversation_id)) as w
      cross join lateral (
        select customer_id from customer_identity
        where tenant_id = w.tenant_id and kind = 'conversation' and account_id = ${everywhere}::uuid
          and value = w.conversation_id::text limit 1
      ) as i
      left join lateral (
        select order_id, confidence, reason from (${candidates}) as candidate join certainty using (reason)
        order by confidence desc, ranked_at desc, placed_at desc, order_id desc limit 1
      ) as best on true
    )
    update conversation_link l
    set customer_id = t.customer_id, order_id = t.order_id, confidence = t.confidence, reason = t.reason,
      linked_at = ${now}::timestamptz, version = l.version + 1
    from target t
    where l.tenant_id = t.tenant_id and l.conversation_id = t.conversation_id
      and (l.customer_id, l.order_id, l.confidence, l.reason)
        is distinct from (t.customer_id, t.order_id, t.confidence, t.reason)
    returning l.tenant_id, l.conversation_id, t.customer_id, l.order_id, l.confidence, l.reason, l.version`.execute(
    trx,
  );
  return rows.map(toChangedLink);
}

/** A link that was derived has a customer: that of its conversation's identity. */
type LinkRow = Omit<Row<'conversation_link'>, 'customer_id' | 'account_id' | 'linked_at'> &
  Pick<Row<'customer_identity'>, 'customer_id'>;

function toChangedLink(row: LinkRow): ChangedLink {
  return {
    tenantId: row.tenant_id,
    conversationId: row.conversation_id,
    customerId: row.customer_id,
    orderId: row.order_id,
    confidence: row.confidence,
    reason: row.reason,
    version: row.version,
  };
}

/** Moves what a conversation names to the one that it was joined into. Its own link ends. */
export async function moveLink(
  trx: Trx,
  {
    tenantId,
    from,
    into,
  }: { readonly tenantId: TenantId; readonly from: ConversationId; readonly into: ConversationId },
): Promise<void> {
  await sql`
    with moved as (
      delete from conversation_mention where tenant_id = ${tenantId} and conversation_id = ${from} returning *
    )
    insert into conversation_mention as m (tenant_id, conversation_id, kind, token, account_id, mentioned_at)
    select tenant_id, ${into}, kind, token, account_id, mentioned_at from moved
    on conflict (tenant_id, conversation_id, kind, token) do update
    set mentioned_at = greatest(m.mentioned_at, excluded.mentioned_at)`.execute(trx);
  await trx
    .deleteFrom('conversation_link')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', from)
    .execute();
  await trx
    .deleteFrom('customer_identity')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'conversation')
    .where('value', '=', from)
    .execute();
}

export async function readLinks(trx: Trx, tenantId: TenantId, conversationIds: readonly ConversationId[]) {
  return trx
    .selectFrom('conversation_link')
    .select(['conversation_id', 'customer_id', 'order_id', 'confidence', 'reason', 'linked_at'])
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', 'in', conversationIds)
    .execute();
}
