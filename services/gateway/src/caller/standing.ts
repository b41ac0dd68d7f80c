import type { AgentId, SessionId, TenantId } from '@crossdesk/contracts';
import type { Access, Caller, MonotonicMs } from '@crossdesk/service-kit';
import { BadToken, type Identity } from './identity.ts';
import { createRemembered } from './remembered.ts';

/**
 * The conversation service's answer about a person: whether they have access and their session is open, the epoch their
 * access tokens must have, and what their custom role limits.
 */
export interface Standing {
  readonly isActive: boolean;
  readonly epoch: number;
  readonly access?: Access;
}

/** Asks about a person, and a session of theirs; null for none, with the tokens of another issuer. */
export type AskStanding = (
  tenantId: TenantId,
  agentId: AgentId,
  sessionId: SessionId | null,
) => Promise<Standing | null>;

type Person = Pick<Extract<Caller, { kind: 'agent' }>, 'tenantId' | 'agentId' | 'sessionId'>;

/** With the recheck of open sockets this stays below the 30 seconds within which an ended token must stop working. */
const heldForMs = 10_000;

/**
 * Refuses tokens of people who were disabled, of sessions that have ended, and of an earlier epoch (a new role). People of
 * another issuer may be unknown before their first visit, and their tokens carry no epoch. The caller gets the limits of
 * their custom role, which are not in the token: they change while it is valid.
 */
export function createStandingCheck(ask: AskStanding, nowMs?: MonotonicMs): (identity: Identity) => Promise<Identity> {
  const known = createRemembered<Standing | null>(() => heldForMs, nowMs);

  async function standingOf({ tenantId, agentId, ...of }: Person, epoch: number): Promise<Standing | null> {
    const sessionId = of.sessionId ?? null;
    const key = `${tenantId}/${agentId}/${sessionId ?? ''}`;
    const standing = await known.get(key, () => ask(tenantId, agentId, sessionId));
    if (standing === null || epoch <= standing.epoch) return standing;
    // The signature is valid, so the token is newer than what is remembered.
    known.forget(key);
    return known.get(key, () => ask(tenantId, agentId, sessionId));
  }

  return async (identity) => {
    const { caller, epoch } = identity;
    if (caller.kind !== 'agent') return identity;
    const standing = await standingOf(caller, epoch ?? -1);
    const isEnded = epoch !== null && standing?.epoch !== epoch;
    if (isEnded || standing?.isActive === false) throw new BadToken();
    const access = standing?.access;
    return access === undefined ? identity : { ...identity, caller: { ...caller, access } };
  };
}
