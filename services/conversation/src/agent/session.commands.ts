import { newId, type SessionId } from '@crossdesk/contracts';
import {
  accept,
  actorOf,
  agentOf,
  causedOutside,
  changed,
  type CommandCall,
  type Decision,
  isAdmin,
  type Outcome,
  type Principal,
  refuse,
  type Refused,
  refuseLimited,
  refuseProgram,
  type RequestContext,
  type ServiceRuntime,
  shortenedAddress,
  unchanged,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type Agent, agentsByIds } from './agent.store.ts';
import { deviceOf } from './device.ts';
import { digestOfToken, firstRefreshToken, followingTokens, refreshKeyOf } from './refresh-token.ts';
import { type Client, isOpen, judgeRefresh, openedSession, renewed, type Session } from './session.domain.ts';
import {
  endSessionsOf,
  findRefreshToken,
  insertRefreshToken,
  insertSession,
  lockSession,
  placeOfRefreshToken,
  saveSession,
  spendRefreshToken,
} from './session.store.ts';

type Runtime = Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'keys' | 'commands'>;
type From = Pick<RequestContext, 'clientAddress' | 'userAgent'>;

/** Somebody who is signed in, with what renews their session. */
export interface SignedInPerson {
  readonly agent: Agent;
  readonly session: Session;
  readonly refreshToken: string;
}

/** Opens a session for somebody who has just proved who they are. */
export async function openSession(
  { db, clock }: Pick<Runtime, 'db' | 'clock'>,
  from: From,
  agent: Agent,
): Promise<SignedInPerson> {
  const { tenantId } = agent;
  const session = openedSession({ tenantId, id: newId<SessionId>(), agentId: agent.id }, clientOf(from), clock.now());
  const refreshToken = firstRefreshToken();
  await db.forTenant(tenantId, async (trx) => {
    await insertSession(trx, session);
    await insertRefreshToken(trx, session, digestOfToken(refreshToken));
  });
  return { agent, session, refreshToken };
}

function clientOf({ clientAddress, userAgent }: From): Client {
  return { device: deviceOf(userAgent), network: shortenedAddress(clientAddress) };
}

/**
 * Renews a session with its refresh token, which is spent then. A copied token ends the session, by the system: that is
 * an entry of the audit chain. This is not a command: nobody is signed in yet.
 */
export async function refreshSession(
  { db, clock, keys, commands }: Runtime,
  from: From,
  refreshToken: string,
): Promise<Decision<SignedInPerson, 'SESSION_ENDED'>> {
  const tokenHash = digestOfToken(refreshToken);
  const place = await db.asWorker((trx) => placeOfRefreshToken(trx, tokenHash));
  if (place === null) return sessionEnded;
  const { tenantId, sessionId } = place;
  const following = followingTokens(refreshKeyOf(keys), refreshToken);
  return db.forTenant(tenantId, async (trx) => {
    const now = clock.now();
    const session = await lockSession(trx, tenantId, sessionId);
    if (session === null || !isOpen(session, now)) return sessionEnded;
    const agent = (await agentsByIds(trx, tenantId, [session.agentId])).get(session.agentId);
    const token = await findRefreshToken(trx, session, tokenHash);
    if (agent?.isActive !== true || token === null) return sessionEnded;
    const known = await knownAmong(trx, session, following);
    switch (judgeRefresh(token, known, now)) {
      case 'repeat':
        return known === null ? sessionEnded : accept({ agent, session, refreshToken: known.text });
      case 'renew':
        return accept({ agent, ...(await renew(trx, session, { tokenHash, following }, clientOf(from), now)) });
      case 'copied': {
        const system = { kind: 'system', tenantId } as const;
        const call = { trx, actor: system, origin: causedOutside(actorOf(system)) };
        await commands.carryOut(call, 'endCopiedSession', () => end(trx, session, now));
        return sessionEnded;
      }
    }
  });
}

/** The token that followed, if there is one yet. */
async function knownAmong(trx: Transaction<DB>, session: Session, texts: readonly string[]) {
  for (const text of texts) {
    const found = await findRefreshToken(trx, session, digestOfToken(text));
    if (found !== null) return { ...found, text };
  }
  return null;
}

async function renew(
  trx: Transaction<DB>,
  session: Session,
  { tokenHash, following: [refreshToken = ''] }: { readonly tokenHash: Buffer; readonly following: readonly string[] },
  client: Client,
  now: Date,
): Promise<Omit<SignedInPerson, 'agent'>> {
  const next = renewed(session, client, now);
  await spendRefreshToken(trx, session, tokenHash, now);
  await insertRefreshToken(trx, session, digestOfToken(refreshToken));
  await saveSession(trx, next);
  return { session: next, refreshToken };
}

async function end(trx: Transaction<DB>, session: Session, now: Date): Promise<Outcome<Session, never>> {
  const ended = { ...session, endedAt: now };
  await saveSession(trx, ended);
  return changed(ended, session.id);
}

/** Ends a session: one's own, or at the request of a supervisor or admin that of somebody else. */
export async function endSession(
  { clock }: Pick<Runtime, 'clock'>,
  { trx, actor }: CommandCall<DB>,
  id: SessionId,
): Promise<Outcome<Session, 'FORBIDDEN' | 'NOT_FOUND'>> {
  const now = clock.now();
  const session = await lockSession(trx, actor.tenantId, id);
  if (session === null) return refuseProgram(actor) ?? noSession;
  const owner = (await agentsByIds(trx, actor.tenantId, [session.agentId])).get(session.agentId);
  const refusal = refuseProgram(actor) ?? refuseEnd(actor, owner ?? null);
  if (refusal !== null) return refusal;
  return isOpen(session, now) ? end(trx, session, now) : unchanged(session);
}

function refuseEnd(actor: Principal, owner: Agent | null): Refused<'FORBIDDEN' | 'NOT_FOUND'> | null {
  if (owner !== null && agentOf(actor) === owner.id) return null;
  // For others there is no such session.
  if (!leads(actor) || refuseLimited(actor) !== null) return noSession;
  return owner?.role === 'admin' && !isAdmin(actor) ? adminsOfAdmins : null;
}

function leads(actor: Principal): boolean {
  return 'role' in actor && actor.role !== 'agent';
}

/** Ends all sessions of the caller but the one they ask with, and returns how many there were. */
export async function endOtherSessions(
  { clock }: Pick<Runtime, 'clock'>,
  { trx, actor }: CommandCall<DB>,
): Promise<Outcome<number, 'FORBIDDEN'>> {
  if (actor.kind !== 'agent' || actor.sessionId === undefined) return noOwnSession;
  const { tenantId, agentId, sessionId } = actor;
  const count = await endSessionsOf(trx, { tenantId, id: agentId }, sessionId, clock.now());
  return count === 0 ? unchanged(count) : changed(count, agentId);
}

const sessionEnded = refuse(
  'SESSION_ENDED',
  'refreshToken',
  'This session has ended, or the token was used before: sign in again.',
);
const noSession = refuse(
  'NOT_FOUND',
  'sessionId',
  'There is no session with this id that you may end: take one from mySessions or sessions.',
);
const adminsOfAdmins = refuse('FORBIDDEN', 'sessionId', 'Only admins end the sessions of admins: ask one.');
const noOwnSession = refuse(
  'FORBIDDEN',
  null,
  'You have no session here: you are signed in with an API token or through another provider.',
);
