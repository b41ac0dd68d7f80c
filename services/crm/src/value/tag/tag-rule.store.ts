import type { AgentId, TagRuleId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { TagRule } from './tag.domain.ts';

export interface StoredRule extends TagRule {
  readonly tenantId: TenantId;
  readonly isActive: boolean;
  readonly version: number;
  readonly updatedBy: AgentId;
  readonly updatedAt: Date;
}

/** The rules that tag, in the order of their names. */
export async function activeRules(trx: Transaction<DB>, tenantId: TenantId): Promise<TagRule[]> {
  return (await tagRules(trx, tenantId)).filter(({ isActive }) => isActive);
}

export async function tagRules(trx: Transaction<DB>, tenantId: TenantId): Promise<StoredRule[]> {
  const rows = await trx.selectFrom('tag_rule').selectAll().where('tenant_id', '=', tenantId).orderBy('tag').execute();
  return rows.map(toRule);
}

/** Makes changes of the rules of a workspace wait for each other. */
export async function lockRules(trx: Transaction<DB>, tenantId: TenantId): Promise<StoredRule[]> {
  await sql`select pg_advisory_xact_lock(hashtext('crm.tag-rules'), hashtext(${tenantId}))`.execute(trx);
  return tagRules(trx, tenantId);
}

function toRule(row: Row<'tag_rule'>): StoredRule {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    tag: row.tag,
    name: row.name,
    condition: row.condition,
    isActive: row.is_active,
    version: row.version,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
  };
}

export async function saveRule(trx: Transaction<DB>, rule: StoredRule): Promise<void> {
  const values = {
    tag: rule.tag,
    name: rule.name,
    condition: JSON.stringify(rule.condition),
    is_active: rule.isActive,
    version: rule.version,
    updated_by: rule.updatedBy,
    updated_at: rule.updatedAt,
  };
  await trx
    .insertInto('tag_rule')
    .values({ tenant_id: rule.tenantId, id: rule.id, ...values })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(values))
    .execute();
}

export async function deleteRuleRow(trx: Transaction<DB>, tenantId: TenantId, id: TagRuleId): Promise<void> {
  await trx.deleteFrom('tag_rule').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}
