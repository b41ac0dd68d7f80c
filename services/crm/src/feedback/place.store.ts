import type { ChannelAccountId, ConversationId, CustomerId, OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { everywhere } from '../customer/identity.domain.ts';
import { exactNumber } from '../link/mention.domain.ts';
import type { Feedback } from './feedback.domain.ts';

type Trx = Transaction<DB>;
type Place = Pick<Feedback, 'profileId' | 'conversationId' | 'orderId'>;

/** What a platform names: an order and a buyer of one of its stores. */
export interface Named extends Pick<Feedback, 'tenantId' | 'externalOrderId' | 'buyerExternalId'> {
  readonly accountId: ChannelAccountId;
}

/** Whom and what feedback of a platform is about, as far as it is known; the conversation is the latest with the buyer there. */
export async function placeOf(trx: Trx, { tenantId, accountId, ...named }: Named): Promise<Place> {
  const reference = named.externalOrderId === null ? null : exactNumber(named.externalOrderId);
  const { rows } = await sql<{
    profile_id: CustomerId | null;
    conversation_id: ConversationId | null;
    order_id: OrderId | null;
  }>`
    with named_order as (
      select o.order_id, o.buyer_external_id from order_ref o
      where o.tenant_id = ${tenantId} and o.account_id = ${accountId} and o.reference = ${reference}
    ), buyer as (
      select i.customer_id, i.profile_id from customer_identity i
      where i.tenant_id = ${tenantId} and i.account_id = ${accountId} and i.kind = 'platform_commerce'
        and i.value = coalesce(${named.buyerExternalId}::text, (select buyer_external_id from named_order))
      order by i.profile_id limit 1
    )
    select (select order_id from named_order) as order_id, (select profile_id from buyer) as profile_id, (
      select l.conversation_id from conversation_link l
      where l.tenant_id = ${tenantId} and l.account_id = ${accountId} and l.customer_id = (select customer_id from buyer)
      order by (l.order_id is not distinct from (select order_id from named_order)) desc, l.conversation_id desc limit 1
    ) as conversation_id`.execute(trx);
  const [row] = rows;
  return {
    profileId: row?.profile_id ?? null,
    conversationId: row?.conversation_id ?? null,
    orderId: row?.order_id ?? null,
  };
}

/** The profile that writes in the conversation of a link `l`: facts hang on it, whoever it is grouped with. */
export const profileOfLink = sql`coalesce((
  select min(i.profile_id::text)::uuid from customer_identity i
  where i.tenant_id = l.tenant_id and i.kind = 'conversation' and i.account_id = ${everywhere}::uuid
    and i.value = l.conversation_id::text and i.customer_id = l.customer_id), l.customer_id)`;

/** What is known of a conversation that the caller sees; null: they see none with this id. */
export async function placeOfConversation(trx: Trx, tenantId: TenantId, id: ConversationId) {
  const { rows } = await sql<{
    account_id: ChannelAccountId;
    profile_id: CustomerId | null;
    order_id: OrderId | null;
  }>`
    select l.account_id, ${profileOfLink} as profile_id, l.order_id from conversation_link l
    where l.tenant_id = ${tenantId} and l.conversation_id = ${id}`.execute(trx);
  const [row] = rows;
  if (row === undefined) return null;
  return { accountId: row.account_id, profileId: row.profile_id, orderId: row.order_id };
}

/** How the platform names an order that the caller sees; null: they see none with this id. */
export async function nameOfOrder(trx: Trx, tenantId: TenantId, id: OrderId) {
  const row = await trx
    .selectFrom('order_ref')
    .select(['account_id', 'external_order_id', 'buyer_external_id'])
    .where('tenant_id', '=', tenantId)
    .where('order_id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { account_id: accountId, external_order_id: externalOrderId, buyer_external_id: buyerExternalId } = row;
  return { accountId, externalOrderId, buyerExternalId };
}

const waitingMax = 50;

/** Locks the feedback that has waited for a conversation: of its buyer, at its store. The latest come first. */
export async function lockWaiting(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<{ readonly id: Feedback['id']; readonly named: Named }[]> {
  const { rows } = await sql<{
    id: Feedback['id'];
    account_id: ChannelAccountId;
    external_order_id: string | null;
    buyer_external_id: string | null;
  }>`
    with linked as (
      select l.account_id, l.customer_id, o.external_order_id from conversation_link l
      left join order_ref o on o.tenant_id = l.tenant_id and o.order_id = l.order_id
      where l.tenant_id = ${tenantId} and l.conversation_id = ${conversationId}
    )
    select f.id, f.account_id, f.external_order_id, f.buyer_external_id from feedback f, linked l
    where f.tenant_id = ${tenantId} and f.conversation_id is null and f.account_id = l.account_id
      and (f.external_order_id = l.external_order_id or f.buyer_external_id in (
        select i.value from customer_identity i
        where i.tenant_id = ${tenantId} and i.customer_id = l.customer_id and i.account_id = l.account_id
          and i.kind = 'platform_commerce'))
    order by f.id desc limit ${waitingMax} for update of f`.execute(trx);
  return rows.map((row) => ({
    id: row.id,
    named: {
      tenantId,
      accountId: row.account_id,
      externalOrderId: row.external_order_id,
      buyerExternalId: row.buyer_external_id,
    },
  }));
}
