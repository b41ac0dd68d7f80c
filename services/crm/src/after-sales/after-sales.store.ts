import type { CaseId, ChannelAccountId, CustomerId, OrderId, TenantId } from '@crossdesk/contracts';
import { countMax, type Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { ordersOfAsked } from '../order/order.store.ts';

type Trx = Transaction<DB>;
interface Page {
  readonly first: number;
  readonly after: Keyset | null;
}

/** A return of an order; the id is that of the order, `at` when the return was opened. */
export interface CustomerReturn {
  readonly customer_id: CustomerId;
  readonly id: OrderId;
  readonly at: Date;
  readonly account_id: ChannelAccountId;
  readonly ended_at: Date | null;
}

/** The returns of `asked.customer_id`: each time that one of their orders came to this state. */
function returnsOfAsked(tenantId: TenantId): RawBuilder<unknown> {
  return sql`from (select o.order_id, o.account_id ${ordersOfAsked(tenantId)}) as o
    join order_state s on s.tenant_id = ${tenantId} and s.order_id = o.order_id and s.state = 'return_open'`;
}

/** A page of the returns of each customer, latest first, and one more. */
export async function readReturnsOf(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
  { first, after }: Page,
): Promise<CustomerReturn[]> {
  const behind = after === null ? sql`` : sql`where (s.at, s.order_id) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<CustomerReturn>`
    select asked.customer_id, r.*
    from unnest(${customerIds}::uuid[]) as asked (customer_id)
    cross join lateral (
      select s.order_id as id, s.at, o.account_id, (
        select n.at from order_state n
        where n.tenant_id = s.tenant_id and n.order_id = s.order_id and n.version > s.version
        order by n.version limit 1) as ended_at
      ${returnsOfAsked(tenantId)} ${behind}
      order by s.at desc, s.order_id desc limit ${first + 1}
    ) as r`.execute(trx);
  return rows;
}

export function countReturnsOf(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  return countEach(trx, customerIds, returnsOfAsked(tenantId));
}

/** The cases about the conversations of `asked.customer_id`. */
function casesOfAsked(tenantId: TenantId): RawBuilder<unknown> {
  return sql`from conversation_link l
    join customer_case c on c.tenant_id = l.tenant_id and c.conversation_id = l.conversation_id
    where l.tenant_id = ${tenantId} and l.customer_id = asked.customer_id`;
}

/** A page of the cases of each customer, latest first, and one more. */
export async function readCasesOf(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
  { first, after }: Page,
) {
  const behind =
    after === null ? sql`` : sql`and (c.opened_at, c.case_id) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<{ customer_id: CustomerId; id: CaseId; at: Date }>`
    select asked.customer_id, c.*
    from unnest(${customerIds}::uuid[]) as asked (customer_id)
    cross join lateral (
      select c.case_id as id, c.opened_at as at ${casesOfAsked(tenantId)} ${behind}
      order by c.opened_at desc, c.case_id desc limit ${first + 1}
    ) as c`.execute(trx);
  return rows;
}

export function countCasesOf(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  return countEach(trx, customerIds, casesOfAsked(tenantId));
}

async function countEach(trx: Trx, customerIds: readonly CustomerId[], rowsOfAsked: RawBuilder<unknown>) {
  const { rows } = await sql<{ customer_id: CustomerId; count: number }>`
    select asked.customer_id, n.count
    from unnest(${customerIds}::uuid[]) as asked (customer_id)
    cross join lateral (
      select count(*)::int as count from (select 1 ${rowsOfAsked} limit ${countMax + 1}) as counted
    ) as n`.execute(trx);
  return rows;
}
