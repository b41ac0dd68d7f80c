import type {
  AgentId,
  CaseId,
  ChannelAccountId,
  ConversationId,
  CustomerId,
  OrderId,
  TeamId,
  TenantId,
} from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Priority } from '../clock/policy.domain.ts';
import { ofCustomer } from '../conversation/conversation-customer.store.ts';
import type { DB, Row } from '../db.ts';
import type { Case, CaseState, CaseType } from './case.domain.ts';
import { toCase } from './case.store.ts';

type Trx = Transaction<DB>;

/** All conditions must hold; null restricts nothing. */
export interface CaseFilter {
  readonly states: readonly CaseState[] | null;
  readonly types: readonly CaseType[] | null;
  readonly priorities: readonly Priority[] | null;
  readonly accountIds: readonly ChannelAccountId[] | null;
  readonly ownerId: AgentId | null;
  readonly teamIds: readonly TeamId[] | null;
  readonly watcherId: AgentId | null;
  readonly conversationId: ConversationId | null;
  readonly orderId: OrderId | null;
  readonly customerId: CustomerId | null;
  /** Due before this time. */
  readonly overdueAt: { readonly now: Date; readonly isWanted: boolean } | null;
}

export interface CasePage {
  readonly filter: CaseFilter;
  readonly order: 'OPENED_DESC' | 'DUE_FIRST';
  readonly first: number;
  readonly after: Keyset | null;
}

/** A page of cases, and one more if there are any behind it. */
export async function listCases(trx: Trx, tenantId: TenantId, page: CasePage): Promise<Case[]> {
  const { rows } = await caseListQuery(tenantId, page).execute(trx);
  return rows.map(toCase);
}

/** How many cases match, counted up to a bound. */
export function countCases(
  trx: Trx,
  tenantId: TenantId,
  { filter, order }: Pick<CasePage, 'filter' | 'order'>,
): Promise<number> {
  return countRows(
    trx,
    sql`select 1 from after_sales_case where tenant_id = ${tenantId} ${underWay(order)} ${restrictions(tenantId, filter)}`,
  );
}

/** Each order has an index: `case_due`, else the key, or that of an owner or a store. */
export function caseListQuery(
  tenantId: TenantId,
  { filter, order, first, after }: CasePage,
): RawBuilder<Row<'after_sales_case'>> {
  const conditions = sql`tenant_id = ${tenantId} ${underWay(order)} ${restrictions(tenantId, filter)}`;
  if (order === 'DUE_FIRST') {
    const behind = after === null ? sql`` : sql`and (due_at, id) > (${after.at}::timestamptz, ${after.id}::uuid)`;
    return sql<Row<'after_sales_case'>>`
      select * from after_sales_case where ${conditions} ${behind} order by due_at, id limit ${first + 1}`;
  }
  const behind = after === null ? sql`` : sql`and id < ${after.id as CaseId}::uuid`;
  return sql<Row<'after_sales_case'>>`
    select * from after_sales_case where ${conditions} ${behind} order by id desc limit ${first + 1}`;
}

function underWay(order: CasePage['order']): RawBuilder<unknown> {
  return order === 'DUE_FIRST' ? sql`and state in ('open', 'waiting')` : sql``;
}

function restrictions(tenantId: TenantId, filter: CaseFilter): RawBuilder<unknown> {
  const { states, types, priorities, accountIds, ownerId, teamIds, watcherId, overdueAt } = filter;
  const { conversationId, orderId, customerId } = filter;
  const conditions: RawBuilder<unknown>[] = [];
  const is = (condition: RawBuilder<unknown>) => conditions.push(sql`and ${condition}`);
  if (states !== null) is(sql`state = any(${states}::text[])`);
  if (types !== null) is(sql`type = any(${types}::text[])`);
  if (priorities !== null) is(sql`priority = any(${priorities}::text[])`);
  if (accountIds !== null) is(sql`account_id = any(${accountIds}::uuid[])`);
  if (ownerId !== null) is(sql`owner_id = ${ownerId}`);
  if (teamIds !== null) is(sql`team_id = any(${teamIds}::uuid[])`);
  if (watcherId !== null)
    is(
      sql`id = any(array(select case_id from case_watcher where tenant_id = ${tenantId} and agent_id = ${watcherId}))`,
    );
  if (conversationId !== null)
    is(sql`id = any(array(
      select case_id from case_conversation where tenant_id = ${tenantId} and conversation_id = ${conversationId}))`);
  if (orderId !== null)
    is(sql`id = any(array(select case_id from case_order where tenant_id = ${tenantId} and order_id = ${orderId}))`);
  if (customerId !== null)
    is(sql`id = any(array(
      select case_id from case_conversation where tenant_id = ${tenantId} and conversation_id = any(${ofCustomer(tenantId, customerId)})))`);
  if (overdueAt !== null) {
    const isOver = sql`(state in ('open', 'waiting') and due_at <= ${overdueAt.now})`;
    is(overdueAt.isWanted ? isOver : sql`not ${isOver}`);
  }
  return conditions.length === 0 ? sql`` : sql.join(conditions, sql` `);
}
