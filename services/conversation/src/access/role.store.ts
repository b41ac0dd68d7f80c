import type { AgentId, RoleId, TeamId, TenantId } from '@crossdesk/contracts';
import { type Access, type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { CustomRole } from './role.domain.ts';

type Trx = Transaction<DB>;

/** All roles of a workspace, by name. */
export async function rolesOf(trx: Trx, tenantId: TenantId): Promise<CustomRole[]> {
  const rows = await trx
    .selectFrom('access_role')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('name')
    .execute();
  return rows.map(toRole);
}

export async function rolesByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly RoleId[],
): Promise<Map<RoleId, CustomRole>> {
  const rows = await trx
    .selectFrom('access_role')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, toRole(row)]));
}

/** Makes changes of the roles of a workspace take turns: names are unique and their number is limited. */
export async function lockRoles(trx: Trx, tenantId: TenantId): Promise<CustomRole[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`roles ${tenantId}`}, 0))`.execute(trx);
  return rolesOf(trx, tenantId);
}

export async function saveRole(trx: Trx, role: CustomRole): Promise<void> {
  const content = {
    name: role.name,
    store_ids: role.storeIds === null ? null : [...role.storeIds],
    reach: role.reach,
    withheld: [...role.withheld],
    version: role.version,
  };
  await trx
    .insertInto('access_role')
    .values({ tenant_id: role.tenantId, id: role.id, ...content })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(content))
    .execute();
}

export async function removeRole(trx: Trx, { tenantId, id }: CustomRole): Promise<void> {
  await trx.deleteFrom('access_role').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}

/** Whether somebody has the role. */
export async function isAssigned(trx: Trx, { tenantId, id }: CustomRole): Promise<boolean> {
  const row = await trx
    .selectFrom('agent')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('access_role_id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export function roleAggregate(role: CustomRole): LockedAggregate {
  return lockedAggregate(role);
}

/** What the custom role of each agent limits, for a token that of whoever created it; agents without one are left out. */
export async function accessOfAgents(
  trx: Trx,
  tenantId: TenantId,
  agentIds: readonly AgentId[],
): Promise<Map<AgentId, Access>> {
  const { rows } = await sql<
    Pick<Row<'access_role'>, 'store_ids' | 'reach' | 'withheld'> & {
      readonly agent_id: AgentId;
      readonly teams: TeamId[];
    }
  >`
    select a.id as agent_id, r.store_ids, r.reach, r.withheld, array(
      select m.team_id from team_member m where m.tenant_id = p.tenant_id and m.agent_id = p.id order by 1) as teams
    from agent a
    left join api_token t on t.tenant_id = a.tenant_id and t.id = a.id
    join agent p on p.tenant_id = a.tenant_id and p.id = coalesce(t.owner_id, a.id)
    join access_role r on r.tenant_id = p.tenant_id and r.id = p.access_role_id
    where a.tenant_id = ${tenantId} and a.id = any(${agentIds}::uuid[])`.execute(trx);
  return new Map(
    rows.map(({ agent_id, store_ids, reach, teams, withheld }) => {
      const limits = { stores: store_ids, reach, teams };
      return [agent_id, withheld.length === 0 ? limits : { ...limits, withheld }];
    }),
  );
}

function toRole(row: Row<'access_role'>): CustomRole {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    storeIds: row.store_ids,
    reach: row.reach,
    withheld: row.withheld,
    version: row.version,
  };
}
