import type { AgentId, CustomerId, TenantId, TierRunId } from '@crossdesk/contracts';
import type { Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { TierModel, TierRunState } from './tier-model.domain.ts';

type Trx = Transaction<DB>;

/** What another model would change. */
export interface TierRun {
  readonly tenantId: TenantId;
  readonly id: TierRunId;
  readonly state: TierRunState;
  readonly model: TierModel;
  readonly baseVersion: number;
  readonly askedBy: AgentId;
  readonly askedAt: Date;
  readonly afterId: CustomerId | null;
  readonly seenCount: number;
  readonly changedCount: number;
  readonly finishedAt: Date | null;
  readonly appliedAt: Date | null;
}

export async function insertRun(trx: Trx, run: TierRun): Promise<void> {
  await trx
    .insertInto('tier_run')
    .values({
      tenant_id: run.tenantId,
      id: run.id,
      state: run.state,
      model: JSON.stringify(run.model),
      base_version: run.baseVersion,
      asked_by: run.askedBy,
      asked_at: run.askedAt,
    })
    .execute();
}

export async function readRuns(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly TierRunId[],
): Promise<Map<TierRunId, TierRun>> {
  const rows = await trx
    .selectFrom('tier_run')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, toRun(row)]));
}

export async function lockRun(trx: Trx, tenantId: TenantId, id: TierRunId): Promise<TierRun | null> {
  const row = await trx
    .selectFrom('tier_run')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toRun(row);
}

function toRun(row: Row<'tier_run'>): TierRun {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    state: row.state,
    model: row.model,
    baseVersion: row.base_version,
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    afterId: row.after_id,
    seenCount: row.seen_count,
    changedCount: row.changed_count,
    finishedAt: row.finished_at,
    appliedAt: row.applied_at,
  };
}

/** Runs of before are worth nothing any more: another one was made, or another model applies. */
export async function outdateRuns(trx: Trx, tenantId: TenantId): Promise<void> {
  await sql`
    delete from tier_run_row where tenant_id = ${tenantId} and run_id in (
      select id from tier_run where tenant_id = ${tenantId} and state in ('running', 'ready'))`.execute(trx);
  await sql`
    update tier_run set state = 'outdated' where tenant_id = ${tenantId} and state in ('running', 'ready')`.execute(
    trx,
  );
}

/** The oldest run with customers left; those that another process works on are left out. */
export async function claimRun(trx: Trx): Promise<TierRun | null> {
  const row = await trx
    .selectFrom('tier_run')
    .selectAll()
    .where('state', '=', 'running')
    .orderBy('asked_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row === undefined ? null : toRun(row);
}

export interface TierDifference {
  readonly customerId: CustomerId;
  readonly from: string | null;
  readonly to: string | null;
}

/** What a page of customers came to; without customers the run is ready. */
export async function saveProgress(
  trx: Trx,
  { tenantId, id }: TierRun,
  page: { readonly customerIds: readonly CustomerId[]; readonly differences: readonly TierDifference[] },
  now: Date,
): Promise<void> {
  const { customerIds, differences } = page;
  if (differences.length > 0) {
    await sql`
      insert into tier_run_row (tenant_id, run_id, customer_id, from_tier, to_tier)
      select ${tenantId}::uuid, ${id}::uuid, * from unnest(${differences.map((one) => one.customerId)}::uuid[],
        ${differences.map((one) => one.from)}::text[], ${differences.map((one) => one.to)}::text[])
      on conflict do nothing`.execute(trx);
  }
  const last = customerIds.at(-1);
  await sql`
    update tier_run set after_id = coalesce(${last ?? null}::uuid, after_id), seen_count = seen_count + ${customerIds.length},
      changed_count = changed_count + ${differences.length},
      state = ${last === undefined ? 'ready' : 'running'}, finished_at = ${last === undefined ? now : null}::timestamptz
    where tenant_id = ${tenantId} and id = ${id}`.execute(trx);
}

export async function markApplied(trx: Trx, { tenantId, id }: TierRun, now: Date): Promise<void> {
  await sql`
    update tier_run set state = 'applied', applied_at = ${now} where tenant_id = ${tenantId} and id = ${id}`.execute(
    trx,
  );
}

/** A page of the customers whose tier differs, and one more. */
export async function readDifferences(
  trx: Trx,
  { tenantId, id }: TierRun,
  { first, after }: { readonly first: number; readonly after: Keyset | null },
) {
  return trx
    .selectFrom('tier_run_row')
    .select(['customer_id as id', 'from_tier', 'to_tier'])
    .where('tenant_id', '=', tenantId)
    .where('run_id', '=', id)
    .$if(after !== null, (rows) => rows.where('customer_id', '>', sql<CustomerId>`${after?.id ?? null}::uuid`))
    .orderBy('customer_id')
    .limit(first + 1)
    .execute();
}

export type DifferenceRow = Awaited<ReturnType<typeof readDifferences>>[number];

/** How many customers go from which tier to which. */
export async function countMoves(trx: Trx, { tenantId, id }: TierRun) {
  const { rows } = await sql<{ from: string | null; to: string | null; count: number }>`
    select from_tier as "from", to_tier as "to", count(*)::int as count from tier_run_row
    where tenant_id = ${tenantId} and run_id = ${id} group by 1, 2 order by 3 desc, 1, 2`.execute(trx);
  return rows;
}

/** The next customers of a workspace in the order of their ids. */
export async function nextCustomers(
  trx: Trx,
  tenantId: TenantId,
  afterId: CustomerId | null,
  limit: number,
): Promise<CustomerId[]> {
  const behind = afterId === null ? sql`` : sql`and id > ${afterId}::uuid`;
  const { rows } = await sql<{ id: CustomerId }>`
    select id from profile where tenant_id = ${tenantId} and is_living ${behind} order by id limit ${limit}`.execute(
    trx,
  );
  return rows.map(({ id }) => id);
}

/** The quintiles of those who bought within the year, for limits from the data; null if they are too few. */
export async function readQuintiles(trx: Trx, tenantId: TenantId, now: Date, buyersMin: number) {
  const { rows } = await sql<{ buyers: number; days: number[]; counts: number[]; minors: string[] }>`
    select count(*)::int as buyers,
      percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (
        order by floor(extract(epoch from ${now}::timestamptz - last_order_at) / 86400)::int) as days,
      percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by year_order_count) as counts,
      percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by year_spent_minor)::text[] as minors
    from customer_stats where tenant_id = ${tenantId} and year_order_count > 0`.execute(trx);
  const found = rows[0];
  return found === undefined || found.buyers < buyersMin ? null : found;
}
