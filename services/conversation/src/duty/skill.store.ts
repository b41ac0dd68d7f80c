import type { AgentId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { Skill } from './skill.domain.ts';

export async function skillsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly AgentId[],
): Promise<Map<AgentId, Skill[]>> {
  const rows = await trx
    .selectFrom('agent_skill')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`agent_id = any(${ids}::uuid[])`)
    .orderBy('kind')
    .orderBy('value')
    .execute();
  const grouped = Map.groupBy(rows, (row) => row.agent_id);
  return new Map([...grouped].map(([id, own]) => [id, own.map(({ kind, value, level }) => ({ kind, value, level }))]));
}

/** Gives a person exactly these skills. */
export async function replaceSkills(
  trx: Transaction<DB>,
  tenantId: TenantId,
  agentId: AgentId,
  skills: readonly Skill[],
): Promise<void> {
  await trx.deleteFrom('agent_skill').where('tenant_id', '=', tenantId).where('agent_id', '=', agentId).execute();
  if (skills.length === 0) return;
  await trx
    .insertInto('agent_skill')
    .values(skills.map(({ kind, value, level }) => ({ tenant_id: tenantId, agent_id: agentId, kind, value, level })))
    .execute();
}
