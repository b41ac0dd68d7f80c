import type { AgentId, ChannelAccountId, TeamId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { Candidate } from './owner.domain.ts';

type Trx = Transaction<DB>;

interface CandidateRow {
  readonly id: AgentId;
  readonly is_lead: boolean;
  readonly is_in_team: boolean;
  readonly is_on_duty: boolean;
  readonly case_count: number;
}

/** The people who work here and whose role includes a store, with what decides who of them gets a case. */
export async function candidatesFor(
  trx: Trx,
  { tenantId, accountId, teamId }: { tenantId: TenantId; accountId: ChannelAccountId; teamId: TeamId | null },
): Promise<Candidate[]> {
  const { rows } = await sql<CandidateRow>`
    select a.id, a.role in ('supervisor', 'admin') as is_lead, coalesce(d.is_on_duty, false) as is_on_duty,
      exists (select from team_member m
        where m.tenant_id = a.tenant_id and m.agent_id = a.id and m.team_id = ${teamId}::uuid) as is_in_team,
      (select count(*)::int from after_sales_case c
        where c.tenant_id = a.tenant_id and c.owner_id = a.id and c.state in ('open', 'waiting')) as case_count
    from agent a
    left join access_role r on r.tenant_id = a.tenant_id and r.id = a.access_role_id
    left join agent_duty d on d.tenant_id = a.tenant_id and d.agent_id = a.id
    where a.tenant_id = ${tenantId} and a.is_active and a.kind = 'person'
      and (r.store_ids is null or ${accountId}::uuid = any(r.store_ids))`.execute(trx);
  return rows.map((row) => ({
    agentId: row.id,
    isLead: row.is_lead,
    isInTeam: row.is_in_team,
    isOnDuty: row.is_on_duty,
    caseCount: row.case_count,
  }));
}

/**
 * Whether somebody works here and their role includes a store. They stay until the end of the transaction: whoever takes
 * their access away waits, and then finds what they own.
 */
export async function mayOwn(
  trx: Trx,
  { tenantId, accountId }: { readonly tenantId: TenantId; readonly accountId: ChannelAccountId },
  agentId: AgentId,
): Promise<boolean> {
  const { rows } = await sql`
    select from agent a where a.tenant_id = ${tenantId} and a.id = ${agentId} and a.is_active and a.kind = 'person'
      and not exists (select from access_role r
        where r.tenant_id = a.tenant_id and r.id = a.access_role_id and r.store_ids is not null
          and ${accountId}::uuid <> all(r.store_ids))
    for share of a`.execute(trx);
  return rows.length > 0;
}
