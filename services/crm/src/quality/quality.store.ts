import type { ChannelAccountId, ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import { countRows } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { faceOf } from '../customer/face.ts';
import type { DB } from '../db.ts';
import type { CompletenessPart, GapKind } from './quality.domain.ts';

type Trx = Transaction<DB>;

/** Something that lacks its other half. `id` is that of the customer, conversation or order. */
export interface GapRow {
  readonly id: string;
  /** The store it is about; null for a customer without a platform id. */
  readonly account_id: ChannelAccountId | null;
  readonly has_buyer_id: boolean;
  readonly names_unknown_order: boolean;
  /** When it became known. */
  readonly at: Date;
}

/** A gap of a list. */
export interface ShownGap extends GapRow {
  readonly kind: GapKind;
}

/** What is looked at: everything of the workspace, or of one store. */
export interface GapScope {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId | null;
}

/** A question about the quality of the data. */
export interface AskedQuality {
  readonly scope: GapScope;
}

/** The latest of a kind, before `after`, and one more than asked for. */
export async function listGaps(
  trx: Trx,
  kind: GapKind,
  scope: GapScope,
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<GapRow[]> {
  const { rows } = await sql<GapRow>`${gaps[kind](scope, after)} order by id desc limit ${first + 1}`.execute(trx);
  return rows;
}

export function countGaps(trx: Trx, kind: GapKind, scope: GapScope): Promise<number> {
  return countRows(trx, gaps[kind](scope, null));
}

const before = (column: RawBuilder<unknown>, after: string | null) =>
  after === null ? sql`` : sql`and ${column} < ${after}::uuid`;
const inStore = (column: RawBuilder<unknown>, { accountId }: GapScope) =>
  accountId === null ? sql`` : sql`and ${column} = ${accountId}::uuid`;

/** A customer is of the store in which they are known. */
const ofCustomer = (scope: GapScope, { tenantId } = scope) => sql`
  from customer_identity i where i.tenant_id = ${tenantId} and i.customer_id = c.id
    and i.kind in ('platform', 'platform_commerce') ${inStore(sql`i.account_id`, scope)}`;

const orderOfBuyer = sql`
  select from customer_identity i
  join order_ref o on o.tenant_id = i.tenant_id and o.account_id = i.account_id and o.buyer_external_id = i.value
  where i.kind = 'platform_commerce'`;

/** Whether a conversation refers to an order by a number of the platform that no order has. */
const namesUnknownOrder = sql`exists (
  select from conversation_mention m
  where m.tenant_id = l.tenant_id and m.conversation_id = l.conversation_id and m.kind = 'reference'
    and not exists (
      select from order_ref o
      where o.reference = m.token and o.account_id = m.account_id and o.tenant_id = m.tenant_id))`;

/** An erased customer is not incomplete. */
const isNotErased = (customer: RawBuilder<unknown>, tenantId: TenantId) => sql`not exists (
  select from erasure e where e.tenant_id = ${tenantId} and e.customer_id = ${customer})`;

const hasCommerceId = (customer: RawBuilder<unknown>, tenantId: TenantId) => sql`exists (
  select from customer_identity i
  where i.tenant_id = ${tenantId} and i.customer_id = ${customer} and i.kind = 'platform_commerce')`;

const gaps: Readonly<Record<GapKind, (scope: GapScope, after: string | null) => RawBuilder<unknown>>> = {
  'customer-without-order': (scope, after) => sql`
    select c.id, (select i.account_id ${ofCustomer(scope)} order by i.account_id limit 1) as account_id,
      ${hasCommerceId(sql`c.id`, scope.tenantId)} as has_buyer_id,
      exists (select from conversation_link l
        where l.tenant_id = c.tenant_id and l.customer_id = c.id and ${namesUnknownOrder}) as names_unknown_order,
      c.first_seen_at as at
    from profile c
    where c.tenant_id = ${scope.tenantId} and c.is_living ${before(sql`c.id`, after)}
      and not exists (${orderOfBuyer} and i.tenant_id = c.tenant_id and i.customer_id = c.id)
      and ${isNotErased(sql`c.id`, scope.tenantId)}
      and exists (select from conversation_link l
        where l.tenant_id = c.tenant_id and l.customer_id = c.id ${inStore(sql`l.account_id`, scope)})`,
  'conversation-without-order': (scope, after) => sql`
    select l.conversation_id as id, l.account_id, ${hasCommerceId(sql`l.customer_id`, scope.tenantId)} as has_buyer_id,
      ${namesUnknownOrder} as names_unknown_order, l.linked_at as at
    from conversation_link l
    where l.tenant_id = ${scope.tenantId} and l.order_id is null ${inStore(sql`l.account_id`, scope)}
      ${before(sql`l.conversation_id`, after)}`,
  'conversation-without-customer': (scope, after) => sql`
    select l.conversation_id as id, l.account_id, false as has_buyer_id, ${namesUnknownOrder} as names_unknown_order,
      l.linked_at as at
    from conversation_link l
    where l.tenant_id = ${scope.tenantId} ${inStore(sql`l.account_id`, scope)} ${before(sql`l.conversation_id`, after)}
      and not exists (
        select from customer_identity i
        where i.tenant_id = l.tenant_id and i.customer_id = l.customer_id and i.kind <> 'conversation')
      and ${isNotErased(sql`l.customer_id`, scope.tenantId)}`,
  'order-without-customer': (scope, after) => sql`
    select o.order_id as id, o.account_id, o.buyer_external_id is not null as has_buyer_id,
      false as names_unknown_order, o.placed_at as at
    from order_ref o
    where o.tenant_id = ${scope.tenantId} ${inStore(sql`o.account_id`, scope)} ${before(sql`o.order_id`, after)}
      and not exists (
        select from customer_identity i
        where i.tenant_id = o.tenant_id and i.kind = 'platform_commerce' and i.account_id = o.account_id
          and i.value = o.buyer_external_id)`,
};

/** What is known of customers. */
export async function knownParts(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CustomerId[],
): Promise<Map<CustomerId, Set<CompletenessPart>>> {
  type Found = { readonly id: CustomerId; readonly parts: (CompletenessPart | null)[] };
  const { rows } = await sql<Found>`
    select c.id, array[
      case when face.display_name is not null then 'name' end,
      case when face.locale is not null then 'language' end,
      case when ${has(sql`kind = 'platform_commerce'`)} then 'buyer-id' end,
      case when ${has(sql`kind in ('phone', 'email')`)} then 'contact' end,
      case when exists (
        select from conversation_link l where l.tenant_id = c.tenant_id and l.customer_id = c.id) then 'conversation' end,
      case when exists (${orderOfBuyer} and i.tenant_id = c.tenant_id and i.customer_id = c.id) then 'order' end
    ] as parts
    from profile c cross join lateral (${faceOf(sql`c`)}) as face
    where c.tenant_id = ${tenantId} and c.id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map(({ id, parts }) => [id, new Set(parts.filter((part) => part !== null))]));
}

function has(condition: RawBuilder<unknown>) {
  return sql`exists (
    select from customer_identity where tenant_id = c.tenant_id and customer_id = c.id and ${condition})`;
}

/** Those of these conversations that the caller sees. */
export async function visibleLinks(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<ConversationId[]> {
  const rows = await trx
    .selectFrom('conversation_link')
    .select('conversation_id')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', 'in', ids)
    .execute();
  return rows.map((row) => row.conversation_id);
}
