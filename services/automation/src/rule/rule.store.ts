import type { RuleId, TenantId } from '@crossdesk/contracts';
import { countRows, type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { contentOf } from './rule-change.domain.ts';
import type { Mode, Rule } from './rule.domain.ts';

export interface RulePage {
  readonly modes: readonly Mode[] | null;
  readonly first: number;
  readonly after: { readonly position: number; readonly id: RuleId } | null;
}

type RuleRow = Row<'rule'> & Pick<Row<'rule_version'>, 'mode' | 'content'>;

/** Locks all rules of a workspace, also the ones that it does not have yet, and reads them in their order. */
export async function lockRules(trx: Transaction<DB>, tenantId: TenantId): Promise<Rule[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`automation rules ${tenantId}`}, 0))`.execute(trx);
  const { rows } = await sql<RuleRow>`${allOf(tenantId)} order by position, id`.execute(trx);
  return rows.map(toRule);
}

function allOf(tenantId: TenantId) {
  return sql`select r.*, v.mode, v.content from rule r
    join rule_version v on v.tenant_id = r.tenant_id and v.rule_id = r.id and v.version = r.version
    where r.tenant_id = ${tenantId}`;
}

export async function rulesByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly RuleId[],
): Promise<Map<RuleId, Rule>> {
  const { rows } = await sql<RuleRow>`${allOf(tenantId)} and r.id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toRule(row)]));
}

/** Rules in their order, one more than asked for. */
export async function listRules(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { modes, first, after }: RulePage,
): Promise<Rule[]> {
  const behind = after === null ? sql`` : sql`and (position, id) > (${after.position}::int, ${after.id}::uuid)`;
  const { rows } = await sql<RuleRow>`
    ${allOf(tenantId)} ${inModes(modes)} ${behind} order by position, id limit ${first + 1}`.execute(trx);
  return rows.map(toRule);
}

export function countRules(trx: Transaction<DB>, tenantId: TenantId, modes: readonly Mode[] | null): Promise<number> {
  return countRows(trx, sql`${allOf(tenantId)} ${inModes(modes)}`);
}

function inModes(modes: readonly Mode[] | null) {
  return modes === null ? sql`` : sql`and v.mode = any(${modes}::text[])`;
}

/** Writes rules of a workspace that is locked, each with the version that this change gave it. */
export async function saveRules(trx: Transaction<DB>, rules: readonly Rule[]): Promise<LockedAggregate[]> {
  for (const rule of rules) {
    const { tenantId, id, version, position, mode, createdAt, updatedAt } = rule;
    const state = { version, position, updated_at: updatedAt };
    await trx
      .insertInto('rule')
      .values({ tenant_id: tenantId, id, created_at: createdAt, ...state })
      .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(state))
      .execute();
    await trx
      .insertInto('rule_version')
      .values({ tenant_id: tenantId, rule_id: id, version, mode, content: JSON.stringify(contentOf(rule)) })
      .execute();
  }
  return rules.map((rule) => lockedAggregate(rule));
}

/** Deletes a rule of a workspace that is locked; what it said stays. */
export async function deleteRow(trx: Transaction<DB>, { tenantId, id, version }: Rule): Promise<LockedAggregate> {
  await trx.deleteFrom('rule').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
  return lockedAggregate({ tenantId, id, version: version + 1 });
}

function toRule({ content, ...row }: RuleRow): Rule {
  return {
    ...content,
    tenantId: row.tenant_id,
    id: row.id,
    version: row.version,
    mode: row.mode,
    position: row.position,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
