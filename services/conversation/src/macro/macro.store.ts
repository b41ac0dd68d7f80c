import type { AgentId, MacroId, MacroRunId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Macro, MacroRun } from './macro.domain.ts';

type Trx = Transaction<DB>;

export async function macrosByIds(trx: Trx, tenantId: TenantId, ids: readonly MacroId[]): Promise<Map<MacroId, Macro>> {
  const rows = await trx
    .selectFrom('macro')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, toMacro(row)]));
}

/** The macros that somebody may run, by name. */
export async function macrosFor(trx: Trx, tenantId: TenantId, agentId: AgentId): Promise<Macro[]> {
  const rows = await trx
    .selectFrom('macro')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where((eb) => eb.or([eb('scope', '=', 'all'), eb('owner_id', '=', agentId)]))
    .orderBy('name')
    .orderBy('id')
    .execute();
  return rows.map(toMacro);
}

/** Locks the macros of a workspace, and counts them. */
export async function lockMacros(trx: Trx, tenantId: TenantId): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`macros ${tenantId}`}, 0))`.execute(trx);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from macro where tenant_id = ${tenantId}`.execute(trx);
  return rows[0]?.count ?? 0;
}

export async function insertMacro(trx: Trx, macro: Macro): Promise<void> {
  await trx.insertInto('macro').values(toRow(macro)).execute();
}

/** Writes a macro; the macros of the workspace must be locked in this transaction. */
export async function updateMacro(trx: Trx, macro: Macro): Promise<void> {
  const { name, scope, actions, version, updated_at } = toRow(macro);
  await trx
    .updateTable('macro')
    .set({ name, scope, actions, version, updated_at })
    .where('tenant_id', '=', macro.tenantId)
    .where('id', '=', macro.id)
    .execute();
}

export async function deleteMacroRow(trx: Trx, { tenantId, id }: Pick<Macro, 'tenantId' | 'id'>): Promise<void> {
  await trx.deleteFrom('macro').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}

export async function insertRun(trx: Trx, run: MacroRun): Promise<void> {
  await trx
    .insertInto('macro_run')
    .values({
      tenant_id: run.tenantId,
      id: run.id,
      macro_id: run.macroId,
      conversation_id: run.conversationId,
      agent_id: run.agentId,
      ran_at: run.ranAt,
    })
    .execute();
}

export async function runById(trx: Trx, tenantId: TenantId, id: MacroRunId): Promise<MacroRun | null> {
  const row = await trx
    .selectFrom('macro_run')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { macro_id: macroId, conversation_id: conversationId, agent_id: agentId, ran_at: ranAt } = row;
  return { tenantId, id, macroId, conversationId, agentId, ranAt };
}

/** How often a macro was run. */
export interface MacroUsage {
  readonly runs: number;
  readonly people: number;
  readonly lastRunAt: Date | null;
}

export async function usageOfMacros(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly MacroId[],
  { from, to }: { readonly from: Date | null; readonly to: Date | null },
): Promise<Map<MacroId, MacroUsage>> {
  const { rows } = await sql<{ macro_id: MacroId; runs: number; people: number; last_run_at: Date }>`
    select macro_id, count(*)::int as runs, count(distinct agent_id)::int as people, max(ran_at) as last_run_at
    from macro_run
    where tenant_id = ${tenantId} and macro_id = any(${ids}::uuid[])
      and ran_at >= coalesce(${from}::timestamptz, '-infinity') and ran_at < coalesce(${to}::timestamptz, 'infinity')
    group by macro_id`.execute(trx);
  return new Map(
    rows.map(({ macro_id: id, runs, people, last_run_at: lastRunAt }) => [id, { runs, people, lastRunAt }]),
  );
}

const keptDays = 400;

export async function forgetOldRuns(trx: Trx): Promise<void> {
  await trx
    .deleteFrom('macro_run')
    .where('ran_at', '<', sql<Date>`now() - ${keptDays} * interval '1 day'`)
    .execute();
}

function toMacro(row: Row<'macro'>): Macro {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    scope: row.scope,
    ownerId: row.owner_id,
    actions: row.actions,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toRow(macro: Macro) {
  return {
    tenant_id: macro.tenantId,
    id: macro.id,
    name: macro.name,
    scope: macro.scope,
    owner_id: macro.ownerId,
    actions: JSON.stringify(macro.actions),
    version: macro.version,
    created_at: macro.createdAt,
    updated_at: macro.updatedAt,
  };
}
