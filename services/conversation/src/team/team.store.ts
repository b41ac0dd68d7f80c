import type { AgentId, TeamId, TenantId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** People who share a queue. */
export interface Team {
  readonly tenantId: TenantId;
  readonly id: TeamId;
  readonly name: string;
  /** An archived team gets nothing, and is in no list. */
  readonly isArchived: boolean;
  readonly version: number;
  readonly memberIds: readonly AgentId[];
}

interface TeamRow {
  readonly tenant_id: TenantId;
  readonly id: TeamId;
  readonly name: string;
  readonly is_archived: boolean;
  readonly version: number;
  readonly member_ids: AgentId[];
}

const withMembers = sql`
  t.tenant_id, t.id, t.name, t.is_archived, t.version,
  array(select m.agent_id from team_member m where m.tenant_id = t.tenant_id and m.team_id = t.id order by m.agent_id) as member_ids`;

/** The teams of a workspace that are not archived, by name. */
export async function teamsOf(trx: Transaction<DB>, tenantId: TenantId): Promise<Team[]> {
  const { rows } = await sql<TeamRow>`
    select ${withMembers} from team t where t.tenant_id = ${tenantId} and not t.is_archived
    order by t.folded_name`.execute(trx);
  return rows.map(toTeam);
}

export async function teamsByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly TeamId[],
): Promise<Map<TeamId, Team>> {
  const { rows } = await sql<TeamRow>`
    select ${withMembers} from team t where t.tenant_id = ${tenantId} and t.id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toTeam(row)]));
}

/** The teams of each person, by the person's id. */
export async function teamsOfAgents(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly AgentId[],
): Promise<Map<AgentId, Team[]>> {
  const { rows } = await sql<TeamRow & { readonly agent_id: AgentId }>`
    select o.agent_id, ${withMembers} from team_member o
    join team t on t.tenant_id = o.tenant_id and t.id = o.team_id and not t.is_archived
    where o.tenant_id = ${tenantId} and o.agent_id = any(${ids}::uuid[]) order by t.folded_name`.execute(trx);
  const grouped = Map.groupBy(rows, (row) => row.agent_id);
  return new Map([...grouped].map(([id, own]) => [id, own.map(toTeam)]));
}

/** The names of the routing rules that name a team, in their order. */
export async function rulesNaming(trx: Transaction<DB>, tenantId: TenantId, teamId: TeamId): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select rule ->> 'name' as name
    from routing r, jsonb_array_elements(r.rules) with ordinality as e (rule, n)
    where r.tenant_id = ${tenantId} and rule -> 'teamIds' ? ${teamId} order by n`.execute(trx);
  return rows.map(({ name }) => name);
}

/** Locks the teams of a workspace: names are unique, and there are not many. */
export async function lockTeams(trx: Transaction<DB>, tenantId: TenantId): Promise<Team[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`conversation teams ${tenantId}`}, 0))`.execute(trx);
  return teamsOf(trx, tenantId);
}

/** Writes a team of the locked workspace, with its members. */
export async function saveTeam(trx: Transaction<DB>, team: Team, now: Date): Promise<LockedAggregate> {
  const { tenantId, id, name, isArchived, version, memberIds } = team;
  await sql`
    insert into team (tenant_id, id, name, folded_name, is_archived, version, created_at)
    values (${tenantId}, ${id}, ${name}, ${foldedName(name)}, ${isArchived}, ${version}, ${now})
    on conflict (tenant_id, id) do update
      set name = excluded.name, folded_name = excluded.folded_name, is_archived = excluded.is_archived, version = excluded.version`.execute(
    trx,
  );
  await sql`
    delete from team_member where tenant_id = ${tenantId} and team_id = ${id} and agent_id <> all(${memberIds}::uuid[])`.execute(
    trx,
  );
  await sql`
    insert into team_member (tenant_id, team_id, agent_id) select ${tenantId}, ${id}, unnest(${memberIds}::uuid[])
    on conflict do nothing`.execute(trx);
  return lockedAggregate(team);
}

function toTeam(row: TeamRow): Team {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    isArchived: row.is_archived,
    version: row.version,
    memberIds: row.member_ids,
  };
}
