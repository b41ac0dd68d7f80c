import { firstIdAt, type TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import { leaseEnd } from '../../job/due-rows.store.ts';
import type { Evaluation } from '../evaluation.store.ts';
import type { RuleVersion } from '../rule.domain.ts';
import type { PastEvent, SimulationId } from './simulation.domain.ts';

type Trx = Transaction<DB>;
export type SimulationRow = Row<'simulation'>;

export async function insertSimulation(trx: Trx, { rules, ...row }: SimulationRow): Promise<void> {
  await trx
    .insertInto('simulation')
    .values({ ...row, rules: JSON.stringify(rules), result: null })
    .execute();
}

export async function simulationsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly SimulationId[],
): Promise<Map<SimulationId, SimulationRow>> {
  const rows = await trx
    .selectFrom('simulation')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Locks the simulations of a workspace, also the ones that it does not have yet, and counts those that run. */
export async function lockRunning(trx: Trx, tenantId: TenantId): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`simulations ${tenantId}`}, 0))`.execute(trx);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from simulation where tenant_id = ${tenantId} and state = 'running'`.execute(trx);
  return rows[0]?.count ?? 0;
}

type Claim = Pick<SimulationRow, 'tenant_id' | 'id' | 'tries'>;

/** Writes how far a claimed simulation is, or what became of it. False: another worker has it now. */
export async function saveProgress(
  trx: Trx,
  { tenant_id, id, tries }: Claim,
  { result, ...progress }: Pick<SimulationRow, 'events' | 'state' | 'result' | 'finished_at'>,
  now: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('simulation')
    .set({
      ...progress,
      result: result === null ? null : JSON.stringify(result),
      due_at: progress.state === 'running' ? leaseEnd(now) : null,
    })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .where('tries', '=', tries)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export type PastRow = PastEvent & Pick<Evaluation, 'rule_set' | 'seq'>;

/** The next evaluations of a workspace, in the order in which they were made. */
export async function readPast(
  trx: Trx,
  { tenant_id, from_at, to_at }: Pick<SimulationRow, 'tenant_id' | 'from_at' | 'to_at'>,
  afterSeq: string,
  limit: number,
): Promise<PastRow[]> {
  const { rows } = await sql<PastRow>`
    select seq, trigger, timer_rule_id, conversation_id, message_id, correlation_id, buyer_id, rule_set, facts, denials, taken, results,
      evaluated_at
    from evaluation
    where tenant_id = ${tenant_id} and seq > ${afterSeq}::bigint and evaluated_at >= ${from_at} and evaluated_at < ${to_at}
    order by seq limit ${limit}`.execute(trx);
  return rows;
}

/** Which rules acted on chains of events before an instant: `rule correlation`. */
export async function actedBefore(
  trx: Trx,
  { tenant_id, from_at, rules }: Pick<SimulationRow, 'tenant_id' | 'from_at' | 'rules'>,
  events: readonly PastEvent[],
): Promise<Set<string>> {
  const first = firstIdAt(from_at);
  const begun = events.filter(({ trigger, correlation_id }) => trigger === 'order' || correlation_id < first);
  const early = [...new Set(begun.map(({ correlation_id }) => correlation_id))];
  if (early.length === 0) return new Set();
  const { rows } = await sql<Pick<Row<'rule_act'>, 'rule_id' | 'correlation_id'>>`
    select a.rule_id, a.correlation_id from unnest(${rules.map(({ id }) => id)}::uuid[]) as r (id)
    cross join unnest(${early}::uuid[]) as c (id)
    join rule_act a on a.tenant_id = ${tenant_id} and a.rule_id = r.id and a.correlation_id = c.id
      and a.acted_at < ${from_at}`.execute(trx);
  return new Set(rows.map((row) => `${row.rule_id} ${row.correlation_id}`));
}

const actsPage = 5_000;

/** What a rule did before the simulation, as far back as its limits look; in its order, in pages. */
export async function readActs(
  trx: Trx,
  { tenant_id, from_at }: Pick<SimulationRow, 'tenant_id' | 'from_at'>,
  { id, mode, limits }: RuleVersion,
  after: Row<'rule_act'> | null,
): Promise<Row<'rule_act'>[]> {
  const hours = Math.max(0, ...limits.map((limit) => limit.hours));
  const since = new Date(from_at.getTime() - hours * 3_600_000);
  const { rows } = await sql<Row<'rule_act'>>`
    select * from rule_act where tenant_id = ${tenant_id} and rule_id = ${id} and mode = ${mode}
      and acted_at < ${from_at}
      and (acted_at, correlation_id) > (${after?.acted_at ?? since}, ${after?.correlation_id ?? firstIdAt(new Date(0))}::uuid)
    order by acted_at, correlation_id limit ${actsPage}`.execute(trx);
  return rows;
}

export async function forgetSimulations(trx: Trx, before: Date): Promise<void> {
  await trx.deleteFrom('simulation').where('requested_at', '<', before).execute();
}
