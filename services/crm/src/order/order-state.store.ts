import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { newSteps, type OrderStep, stepKey } from './order-state.domain.ts';

/** Appends the states that orders came to. Two statements for a batch. */
export async function saveSteps(trx: Transaction<DB>, snapshots: readonly OrderStep[]): Promise<void> {
  const { rows } = await sql<Pick<Row<'order_state'>, 'tenant_id' | 'order_id' | 'version' | 'state'>>`
    select l.tenant_id, l.order_id, l.version, l.state
    from (select distinct * from unnest(${snapshots.map((s) => s.tenantId)}::uuid[],
      ${snapshots.map((s) => s.orderId)}::uuid[]) as o (tenant_id, order_id)) as o
    cross join lateral (
      select * from order_state s where s.tenant_id = o.tenant_id and s.order_id = o.order_id
      order by s.version desc limit 1
    ) as l`.execute(trx);
  const known = new Map(
    rows.map(({ tenant_id: tenantId, order_id: orderId, ...last }) => [stepKey({ tenantId, orderId }), last]),
  );
  const steps = newSteps(snapshots, known);
  if (steps.length === 0) return;
  await sql`
    insert into order_state (tenant_id, order_id, account_id, version, state, at)
    select * from unnest(${steps.map((s) => s.tenantId)}::uuid[], ${steps.map((s) => s.orderId)}::uuid[],
      ${steps.map((s) => s.accountId)}::uuid[], ${steps.map((s) => s.version)}::integer[],
      ${steps.map((s) => s.state)}::text[], ${steps.map((s) => s.at)}::timestamptz[])
    on conflict do nothing`.execute(trx);
}
