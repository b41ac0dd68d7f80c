import type { ChannelAccountId, OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { OrderStage } from './stage.domain.ts';

export interface ReachedStage {
  readonly tenantId: TenantId;
  readonly orderId: OrderId;
  readonly accountId: ChannelAccountId;
  readonly stage: OrderStage;
  /** When the platform changed it. */
  readonly reachedAt: Date;
}

/** Notes stages, and returns the keys of those that were not known: `orderId stage`. */
export async function noteStages(trx: Transaction<DB>, reached: readonly ReachedStage[]): Promise<Set<string>> {
  if (reached.length === 0) return new Set();
  const { rows } = await sql<{ order_id: string; stage: string }>`
    insert into order_stage (tenant_id, order_id, stage, account_id, reached_at)
    select * from unnest(${reached.map((r) => r.tenantId)}::uuid[], ${reached.map((r) => r.orderId)}::uuid[],
      ${reached.map((r) => r.stage)}::text[], ${reached.map((r) => r.accountId)}::uuid[],
      ${reached.map((r) => r.reachedAt)}::timestamptz[]) order by 1, 2, 3
    on conflict (tenant_id, order_id, stage) do nothing
    returning order_id, stage`.execute(trx);
  return new Set(rows.map((row) => `${row.order_id} ${row.stage}`));
}

export async function stagesOf(trx: Transaction<DB>, tenantId: TenantId, orderId: string): Promise<OrderStage[]> {
  const { rows } = await sql<{ stage: OrderStage }>`
    select stage from order_stage where tenant_id = ${tenantId} and order_id = ${orderId}::uuid`.execute(trx);
  return rows.map(({ stage }) => stage);
}
