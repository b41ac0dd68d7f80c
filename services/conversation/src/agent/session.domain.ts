import type { AgentId, SessionId, TenantId } from '@crossdesk/contracts';

/** A place where somebody is signed in. */
export interface Session {
  readonly tenantId: TenantId;
  readonly id: SessionId;
  readonly agentId: AgentId;
  /** Browser and system, as the client names them. */
  readonly device: string;
  /** The shortened network of the client. */
  readonly network: string;
  /** Also when the person proved who they are. */
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

/** What is known of a client. */
export type Client = Pick<Session, 'device' | 'network'>;

const dayMs = 24 * 3_600_000;
/** A session that nobody renews for a week is forgotten somewhere. */
const idleDaysMax = 7;
/** NIST SP 800-63B, 4.1.3: a password is asked for again after 30 days at the latest, however busy the session is. */
const daysMax = 30;
/** The answer to a renewal may be lost; the client asks again at once. */
const repeatForMs = 10_000;

/** The open sessions of one person; the one that was used longest ago gives way. */
export const sessionsMax = 100;

export function openedSession(
  who: Pick<Session, 'tenantId' | 'id' | 'agentId'>,
  { device, network }: Client,
  now: Date,
): Session {
  const expiresAt = new Date(now.getTime() + idleDaysMax * dayMs);
  return { ...who, device, network, createdAt: now, lastUsedAt: now, expiresAt, endedAt: null };
}

export function isOpen({ endedAt, expiresAt }: Pick<Session, 'endedAt' | 'expiresAt'>, now: Date): boolean {
  return endedAt === null && now < expiresAt;
}

/** The session after a renewal from this client. */
export function renewed(session: Session, { device, network }: Client, now: Date): Session {
  const end = Math.min(now.getTime() + idleDaysMax * dayMs, session.createdAt.getTime() + daysMax * dayMs);
  return { ...session, device, network, lastUsedAt: now, expiresAt: new Date(end) };
}

/**
 * What a refresh token of an open session is worth. A spent one is good once more within seconds, as long as nobody has
 * used the one that followed it: its answer may have been lost. Any other spent one was copied, by whoever sends it now
 * or by whoever sent it first.
 */
export function judgeRefresh(
  token: { readonly spentAt: Date | null },
  next: { readonly spentAt: Date | null } | null,
  now: Date,
): 'renew' | 'repeat' | 'copied' {
  if (token.spentAt === null) return 'renew';
  const isFresh = now.getTime() - token.spentAt.getTime() <= repeatForMs;
  return isFresh && next?.spentAt === null ? 'repeat' : 'copied';
}
