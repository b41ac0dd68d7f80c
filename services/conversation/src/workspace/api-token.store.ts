import type { AgentId, TenantId } from '@crossdesk/contracts';
import { type ApiTokenScope, countRows, type Keyset, type Role } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

export interface ApiToken {
  readonly tenantId: TenantId;
  /** Also the id of the agent it acts as. */
  readonly id: AgentId;
  readonly name: string;
  readonly role: Role;
  readonly scopes: readonly ApiTokenScope[];
  readonly ownerId: AgentId;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const shown = [
  'tenant_id',
  'id',
  'name',
  'role',
  'scopes',
  'owner_id',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const;

export async function insertApiToken(trx: Transaction<DB>, token: ApiToken, secretHash: Buffer): Promise<void> {
  await trx
    .insertInto('api_token')
    .values({
      tenant_id: token.tenantId,
      id: token.id,
      name: token.name,
      role: token.role,
      scopes: [...token.scopes],
      owner_id: token.ownerId,
      secret_hash: secretHash,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .execute();
}

/** Oldest first, one more than asked for. */
export async function listApiTokens(
  trx: Transaction<DB>,
  tenantId: TenantId,
  first: number,
  after: Keyset | null,
): Promise<ApiToken[]> {
  const behind = after === null ? sql<boolean>`true` : sql<boolean>`id > ${after.id}::uuid`;
  const rows = await trx
    .selectFrom('api_token')
    .select(shown)
    .where('tenant_id', '=', tenantId)
    .where(behind)
    .orderBy('id')
    .limit(first + 1)
    .execute();
  return rows.map(toApiToken);
}

export function countApiTokens(trx: Transaction<DB>, tenantId: TenantId): Promise<number> {
  return countRows(trx, sql`select 1 from api_token where tenant_id = ${tenantId}`);
}

/** Looks a token up by the id in its text, before the tenant is known. Worker role only. */
export async function findApiToken(
  trx: Transaction<DB>,
  id: AgentId,
): Promise<{ token: ApiToken; secretHash: Buffer } | null> {
  const row = await trx
    .selectFrom('api_token')
    .select([...shown, 'secret_hash'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : { token: toApiToken(row), secretHash: row.secret_hash };
}

/** Revokes the token; one that was already revoked keeps its time. Null when there is none. */
export async function revokeToken(
  trx: Transaction<DB>,
  tenantId: TenantId,
  id: AgentId,
  now: Date,
): Promise<ApiToken | null> {
  const row = await trx
    .updateTable('api_token')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, ${now})` })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .returning(shown)
    .executeTakeFirst();
  return row === undefined ? null : toApiToken(row);
}

export async function markTokenUsed(trx: Transaction<DB>, { tenantId, id }: ApiToken, now: Date): Promise<void> {
  await trx
    .updateTable('api_token')
    .set({ last_used_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

function toApiToken(row: Pick<Row<'api_token'>, (typeof shown)[number]>): ApiToken {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    role: row.role,
    scopes: row.scopes,
    ownerId: row.owner_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
