import type { ChannelAccountId, ConversationId, CustomerId, TenantId } from '@crossdesk/contracts';
import { liftLimits } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { languageIn } from '../analysis/topic.store.ts';
import { effectiveOf } from '../consent/consent.domain.ts';
import { isSuppressed, readConsents } from '../consent/consent.store.ts';
import type { ContactPoint } from '../contact/contact.domain.ts';
import { pointsOf } from '../contact/contact.store.ts';
import { readCustomers } from '../customer/customer.store.ts';
import type { DB, Row } from '../db.ts';
import { readLinks } from '../link/link.store.ts';
import { countOrdersOf, ordersOfAsked } from '../order/order.store.ts';
import { readCustomerTags } from '../value/tag/tag.store.ts';
import { readStats } from '../value/tier/tier-shown.store.ts';
import type { AssistSource } from './assist.domain.ts';
import { type AssistFact, type BoughtOrder, fact, openOrderStates } from './fact.domain.ts';
import type { Basket } from './offer.domain.ts';

type Trx = Transaction<DB>;

const latestOrdersMax = 10;
const openMax = 20;
const elsewhereMax = 5;
/** The orders of a store that are looked at for offers. */
const basketOrdersMax = 2_000;

/** What is stored about the customer of a conversation; null if the caller sees no such conversation. */
export async function readAssistSource(
  trx: Trx,
  suppressionKey: Buffer,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
): Promise<AssistSource | null> {
  const [link] = await readLinks(trx, tenantId, [conversationId]);
  const customerId = link?.customer_id ?? null;
  if (customerId === null) return null;
  const [customer] = await readCustomers(trx, tenantId, [customerId]);
  if (customer === undefined) return null;
  const points = await pointsOf(trx, tenantId, customerId);
  const here = points.find((point) => point.conversationId === conversationId);
  const orders = await readBought(trx, tenantId, customerId);
  const spoken = await languageIn(trx, tenantId, conversationId);
  const [counted] = await countOrdersOf(trx, tenantId, [customerId]);
  const [stats] = await readStats(trx, tenantId, [customerId]);
  const tags = await readCustomerTags(trx, tenantId, [customerId]);
  const open = [...(await openCases(trx, tenantId, customerId)), ...(await openFollowUps(trx, tenantId, customerId))];
  const baskets = here === undefined || orders.length === 0 ? [] : await readBaskets(trx, tenantId, here.accountId);
  // Last: what somebody agreed or objected to counts for all stores, also those that the caller does not see.
  await liftLimits(trx);
  const consents = (await readConsents(trx, tenantId, customerId)).filter(({ purpose }) => purpose === 'marketing');
  return {
    customerId,
    displayName: customer.display_name,
    locale: customer.locale,
    spoken,
    firstSeenAt: customer.first_seen_at,
    orders,
    orderCount: counted?.count ?? 0,
    open,
    elsewhere: elsewhere(points, conversationId),
    tags: tags.map(({ name, since }) => ({ name, since })),
    tier:
      stats?.tier == null || stats.computed_at === null ? null : { name: stats.tier, computedAt: stats.computed_at },
    consent: effectiveOf(consents),
    consentAt: consents[0]?.recordedAt ?? null,
    isSuppressed: await isSuppressed(trx, suppressionKey, { tenantId, customerId, purpose: 'marketing' }),
    channel: here?.channel ?? 'unknown',
    baskets,
  };
}

/** The other threads on which they wrote, the latest first. */
function elsewhere(points: readonly ContactPoint[], here: ConversationId): AssistFact[] {
  return points
    .filter(({ conversationId }) => conversationId !== here)
    .flatMap(({ conversationId, accountId, channel, lastInboundAt: at }) =>
      at === null ? [] : [fact('wrote-elsewhere', at, channel, { conversationId, accountId })],
    )
    .slice(0, elsewhereMax);
}

type BoughtRow = Pick<
  Row<'order_ref'>,
  'order_id' | 'account_id' | 'placed_at' | 'state' | 'currency' | 'total_minor' | 'region' | 'skus'
> & { readonly since: Date | null };

/** The latest orders of a customer, and those in which something is still to come; latest first. */
async function readBought(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<BoughtOrder[]> {
  const { rows } = await sql<BoughtRow>`
    with bought as materialized (
      select o.* from (select ${customerId}::uuid as customer_id) as asked
      cross join lateral (select o.* ${ordersOfAsked(tenantId)}) as o
    ), told as (
      (select * from bought order by placed_at desc, order_id desc limit ${latestOrdersMax})
      union
      (select * from bought where state = any(${openOrderStates}::text[])
        order by placed_at desc, order_id desc limit ${openMax})
    )
    select o.order_id, o.account_id, o.placed_at, o.state, o.currency, o.total_minor, o.region, o.skus, (
      select max(s.at) from order_state s
      where s.tenant_id = ${tenantId} and s.order_id = o.order_id and s.state = o.state) as since
    from told o order by o.placed_at desc, o.order_id desc`.execute(trx);
  return rows.map(toBought);
}

function toBought(row: BoughtRow): BoughtOrder {
  const { total_minor: minor, currency } = row;
  return {
    orderId: row.order_id,
    accountId: row.account_id,
    placedAt: row.placed_at,
    state: row.state,
    total: minor === null || currency === null ? null : { minor: BigInt(minor), currency },
    region: row.region,
    skus: row.skus,
    since: row.since,
  };
}

async function openCases(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<AssistFact[]> {
  type Found = Pick<Row<'customer_case'>, 'case_id' | 'type' | 'opened_at'> &
    Pick<Row<'conversation_link'>, 'account_id'>;
  const { rows } = await sql<Found>`
    select c.case_id, c.type, c.opened_at, l.account_id from conversation_link l
    join customer_case c on c.tenant_id = l.tenant_id and c.conversation_id = l.conversation_id
    where l.tenant_id = ${tenantId} and l.customer_id = ${customerId} and c.state in ('open', 'waiting')
    order by c.opened_at desc, c.case_id desc limit ${openMax}`.execute(trx);
  return rows.map((row) =>
    fact('case-open', row.opened_at, row.type, { caseId: row.case_id, accountId: row.account_id }),
  );
}

async function openFollowUps(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<AssistFact[]> {
  const { rows } = await sql<Pick<Row<'follow_up'>, 'id' | 'text' | 'due_at'>>`
    select f.id, f.text, f.due_at from profile p
    join follow_up f on f.tenant_id = p.tenant_id and f.profile_id = p.id and f.state = 'open'
    where p.tenant_id = ${tenantId} and p.customer_id = ${customerId}
    order by f.due_at, f.id limit ${openMax}`.execute(trx);
  return rows.map((row) => fact('follow-up-open', row.due_at, row.text, { followUpId: row.id }));
}

/** What the buyers of the latest orders of a store bought there. */
async function readBaskets(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<Basket[]> {
  const { rows } = await sql<Basket>`
    select o.buyer_external_id as buyer, array_agg(distinct sku) as skus
    from (select buyer_external_id, skus from order_ref
      where tenant_id = ${tenantId} and account_id = ${accountId} and buyer_external_id is not null
        and state is distinct from 'cancelled'
      order by placed_at desc limit ${basketOrdersMax}) as o
    cross join lateral unnest(o.skus) as sku
    group by o.buyer_external_id`.execute(trx);
  return rows;
}
