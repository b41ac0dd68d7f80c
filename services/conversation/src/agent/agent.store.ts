import type { AgentId, RoleId, TenantId } from '@crossdesk/contracts';
import { countRows, type LockedAggregate, lockedAggregate, type NamePlace, type Role } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

export interface Agent {
  readonly tenantId: TenantId;
  readonly id: AgentId;
  /** A token is an agent too, so that what a program wrote is attributed to it. */
  readonly kind: 'person' | 'token';
  readonly email: string | null;
  readonly displayName: string;
  readonly role: Role;
  readonly isActive: boolean;
  readonly version: number;
  /** The epoch of their access tokens: those of an earlier epoch are no longer valid. */
  readonly tokenEpoch: number;
  /** The custom role that limits what they see; null: none. */
  readonly customRoleId: RoleId | null;
}

const shown = [
  'tenant_id',
  'id',
  'kind',
  'email',
  'display_name',
  'role',
  'is_active',
  'version',
  'token_epoch',
  'access_role_id',
] as const;

/** Inserts an agent; false if the workspace has one with this e-mail address. */
export async function insertAgent(
  trx: Transaction<DB>,
  agent: Agent,
  passwordHash: string | null,
  now: Date,
): Promise<boolean> {
  const row = await trx
    .insertInto('agent')
    .values({
      tenant_id: agent.tenantId,
      id: agent.id,
      kind: agent.kind,
      email: agent.email,
      display_name: agent.displayName,
      role: agent.role,
      is_active: agent.isActive,
      password_hash: passwordHash,
      created_at: now,
      version: agent.version,
      token_epoch: agent.tokenEpoch,
      access_role_id: agent.customRoleId,
    })
    .onConflict((clash) => clash.columns(['tenant_id', 'email']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) return false;
  // Each person may come to work; `duty/` has the rest.
  if (agent.kind === 'person')
    await trx.insertInto('agent_duty').values({ tenant_id: agent.tenantId, agent_id: agent.id, since: now }).execute();
  return true;
}

/** The lock for appending events of an agent, who must be new or locked in this transaction. */
export function agentAggregate(agent: Agent): LockedAggregate {
  return lockedAggregate(agent);
}

/** Locks a person; null if they do not exist, and for the agent of a token. */
export async function lockPerson(trx: Transaction<DB>, tenantId: TenantId, id: AgentId): Promise<Agent | null> {
  const row = await trx
    .selectFrom('agent')
    .select(shown)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('kind', '=', 'person')
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toAgent(row);
}

/** Writes the changes of a person, who must be locked in this transaction. */
export async function savePerson(trx: Transaction<DB>, agent: Agent): Promise<void> {
  await trx
    .updateTable('agent')
    .set({ role: agent.role, is_active: agent.isActive, version: agent.version, token_epoch: agent.tokenEpoch })
    .where('tenant_id', '=', agent.tenantId)
    .where('id', '=', agent.id)
    .execute();
}

/** Writes the custom role of a person, who must be locked in this transaction. */
export async function saveCustomRole(trx: Transaction<DB>, agent: Agent): Promise<void> {
  await trx
    .updateTable('agent')
    .set({ access_role_id: agent.customRoleId, version: agent.version })
    .where('tenant_id', '=', agent.tenantId)
    .where('id', '=', agent.id)
    .execute();
}

export async function savePassword(trx: Transaction<DB>, { tenantId, id }: Agent, passwordHash: string): Promise<void> {
  await trx
    .updateTable('agent')
    .set({ password_hash: passwordHash })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

export async function agentsByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly AgentId[],
): Promise<Map<AgentId, Agent>> {
  const rows = await trx
    .selectFrom('agent')
    .select(shown)
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, toAgent(row)]));
}

export interface Credentials {
  readonly agent: Agent;
  readonly passwordHash: string | null;
}

export async function findCredentials(
  trx: Transaction<DB>,
  tenantId: TenantId,
  email: string,
): Promise<Credentials | null> {
  const row = await trx
    .selectFrom('agent')
    .select([...shown, 'password_hash'])
    .where('tenant_id', '=', tenantId)
    .where('email', '=', email)
    .executeTakeFirst();
  return row === undefined ? null : { agent: toAgent(row), passwordHash: row.password_hash };
}

/** The password hash of a person; null if they have none or do not exist. */
export async function findPassword(trx: Transaction<DB>, tenantId: TenantId, id: AgentId): Promise<string | null> {
  const row = await trx
    .selectFrom('agent')
    .select('password_hash')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.password_hash ?? null;
}

/** People by name, one more than asked for. */
export async function listAgents(
  trx: Transaction<DB>,
  tenantId: TenantId,
  first: number,
  after: NamePlace | null,
): Promise<Agent[]> {
  const behind =
    after === null ? sql<boolean>`true` : sql<boolean>`(display_name, id) > (${after.name}, ${after.id}::uuid)`;
  const rows = await trx
    .selectFrom('agent')
    .select(shown)
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'person')
    .where(behind)
    .orderBy('display_name')
    .orderBy('id')
    .limit(first + 1)
    .execute();
  return rows.map(toAgent);
}

export function countAgents(trx: Transaction<DB>, tenantId: TenantId): Promise<number> {
  return countRows(trx, sql`select 1 from agent where tenant_id = ${tenantId} and kind = 'person'`);
}

/** Deactivates the agents of revoked tokens; people are not changed. */
export async function deactivateTokenAgents(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly AgentId[],
): Promise<void> {
  await trx
    .updateTable('agent')
    .set({ is_active: false })
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .where('kind', '=', 'token')
    .execute();
}

/** Revokes every API token that a person created, and returns their ids. */
export async function revokeTokensOf(
  trx: Transaction<DB>,
  { tenantId, id }: Pick<Agent, 'tenantId' | 'id'>,
  now: Date,
): Promise<AgentId[]> {
  const rows = await trx
    .updateTable('api_token')
    .set({ revoked_at: now })
    .where('tenant_id', '=', tenantId)
    .where('owner_id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

function toAgent(row: Pick<Row<'agent'>, (typeof shown)[number]>): Agent {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    kind: row.kind,
    email: row.email,
    displayName: row.display_name,
    role: row.role,
    isActive: row.is_active,
    version: row.version,
    tokenEpoch: row.token_epoch,
    customRoleId: row.access_role_id,
  };
}
