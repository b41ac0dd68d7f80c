import { sql } from 'kysely';
import type * as original from '../../../../services/conversation/src/routing/routing.store.ts';

export * from '../../../../services/conversation/src/routing/routing.store.ts';

/** Takes everybody of a team for on duty. */
export const candidatesOf: typeof original.candidatesOf = async (trx, tenantId, teamId, lock) => {
  const { rows } = await sql<Omit<Awaited<ReturnType<typeof original.candidatesOf>>[number], 'skills'>>`
    select d.agent_id as "agentId", d.capacity, d.used, d.assigned_in_shift as "assignedInShift",
      d.last_assigned_at as "lastAssignedAt"
    from agent_duty d
    where d.tenant_id = ${tenantId} and d.agent_id in (
      select m.agent_id from team_member m where m.tenant_id = ${tenantId} and m.team_id = ${teamId})
    order by d.agent_id ${lock === 'locked' ? sql`for update of d` : sql``}`.execute(trx);
  return rows.map((row) => ({ ...row, skills: [] }));
};
