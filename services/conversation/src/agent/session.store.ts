import type { AgentId, SessionId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { type Session, sessionsMax } from './session.domain.ts';

type Trx = Transaction<DB>;

/** Writes a new session. Of the open ones, those used longest ago end if there are too many. */
export async function insertSession(trx: Trx, session: Session): Promise<void> {
  await trx
    .insertInto('session')
    .values({
      tenant_id: session.tenantId,
      id: session.id,
      agent_id: session.agentId,
      device: session.device,
      network: session.network,
      created_at: session.createdAt,
      last_used_at: session.lastUsedAt,
      expires_at: session.expiresAt,
      ended_at: session.endedAt,
    })
    .execute();
  await sql`
    update session set ended_at = ${session.createdAt}
    where tenant_id = ${session.tenantId} and id in (
      select id from session where tenant_id = ${session.tenantId} and agent_id = ${session.agentId} and ended_at is null
      order by last_used_at desc, id desc offset ${sessionsMax})`.execute(trx);
}

/** Locks a session; null if there is none. */
export async function lockSession(trx: Trx, tenantId: TenantId, id: SessionId): Promise<Session | null> {
  const row = await trx
    .selectFrom('session')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toSession(row);
}

/** Reads a session of a person; null if they have none with this id. */
export async function findSession(
  trx: Trx,
  tenantId: TenantId,
  agentId: AgentId,
  id: SessionId,
): Promise<Session | null> {
  const row = await trx
    .selectFrom('session')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('agent_id', '=', agentId)
    .executeTakeFirst();
  return row === undefined ? null : toSession(row);
}

/** The open sessions of a person, the one used last first; at most `sessionsMax`. */
export async function openSessionsOf(trx: Trx, tenantId: TenantId, agentId: AgentId, now: Date): Promise<Session[]> {
  const rows = await trx
    .selectFrom('session')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('agent_id', '=', agentId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('last_used_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(toSession);
}

/** Writes the changes of a session, which must be locked in this transaction. */
export async function saveSession(trx: Trx, session: Session): Promise<void> {
  await trx
    .updateTable('session')
    .set({
      device: session.device,
      network: session.network,
      last_used_at: session.lastUsedAt,
      expires_at: session.expiresAt,
      ended_at: session.endedAt,
    })
    .where('tenant_id', '=', session.tenantId)
    .where('id', '=', session.id)
    .execute();
}

/** Ends the open sessions of a person, except one (null: all of them), and returns how many there were. */
export async function endSessionsOf(
  trx: Trx,
  { tenantId, id }: { readonly tenantId: TenantId; readonly id: AgentId },
  except: SessionId | null,
  now: Date,
): Promise<number> {
  const ended = await trx
    .updateTable('session')
    .set({ ended_at: now })
    .where('tenant_id', '=', tenantId)
    .where('agent_id', '=', id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .where(sql<boolean>`id is distinct from ${except}::uuid`)
    .returning('id')
    .execute();
  return ended.length;
}

export async function markSessionUsed(trx: Trx, { tenantId, id }: Session, now: Date): Promise<void> {
  await trx
    .updateTable('session')
    .set({ last_used_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

export async function insertRefreshToken(
  trx: Trx,
  { tenantId, id }: Pick<Session, 'tenantId' | 'id'>,
  tokenHash: Buffer,
): Promise<void> {
  const token = { tenant_id: tenantId, token_hash: tokenHash, session_id: id, spent_at: null };
  await trx.insertInto('refresh_token').values(token).execute();
}

/** The session a refresh token belongs to, before the tenant is known; null for an unknown one. Worker role only. */
export async function placeOfRefreshToken(
  trx: Trx,
  tokenHash: Buffer,
): Promise<{ readonly tenantId: TenantId; readonly sessionId: SessionId } | null> {
  const row = await trx
    .selectFrom('refresh_token')
    .select(['tenant_id', 'session_id'])
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return row === undefined ? null : { tenantId: row.tenant_id, sessionId: row.session_id };
}

/** When a refresh token of a session was spent; null if it has no such token. */
export async function findRefreshToken(
  trx: Trx,
  { tenantId, id }: Session,
  tokenHash: Buffer,
): Promise<{ readonly spentAt: Date | null } | null> {
  const row = await trx
    .selectFrom('refresh_token')
    .select('spent_at')
    .where('tenant_id', '=', tenantId)
    .where('session_id', '=', id)
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return row === undefined ? null : { spentAt: row.spent_at };
}

export async function spendRefreshToken(trx: Trx, { tenantId }: Session, tokenHash: Buffer, now: Date): Promise<void> {
  await trx
    .updateTable('refresh_token')
    .set({ spent_at: now })
    .where('tenant_id', '=', tenantId)
    .where('token_hash', '=', tokenHash)
    .execute();
}

const keptDays = 30;

/** Deletes sessions that ended long ago, with their refresh tokens. */
export async function forgetOldSessions(trx: Trx): Promise<void> {
  await sql`delete from session where expires_at < now() - ${keptDays} * interval '1 day'`.execute(trx);
}

function toSession(row: Row<'session'>): Session {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    agentId: row.agent_id,
    device: row.device,
    network: row.network,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
  };
}
