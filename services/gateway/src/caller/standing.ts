import type { AgentId, TenantId } from '@crossdesk/contracts';
import type { MonotonicMs } from '@crossdesk/service-kit';
import { BadToken, type Identity } from './identity.ts';
import { createRemembered } from './remembered.ts';

/**
 * The conversation service's answer about a person: whether they have access, and the epoch their access tokens must
 * have.
 */
export interface Standing {
  readonly isActive: boolean;
  readonly epoch: number;
}

export type AskStanding = (tenantId: TenantId, agentId: AgentId) => Promise<Standing | null>;

/** With the recheck of open sockets this stays below the 30 seconds within which an ended token must stop working. */
const heldForMs = 10_000;

/**
 * Refuses tokens of people who were disabled, and tokens that a sign-out, a new role or a new password has ended. People of
 * another issuer may be unknown before their first visit, and their tokens carry no epoch.
 */
export function createStandingCheck(ask: AskStanding, nowMs?: MonotonicMs): (identity: Identity) => Promise<void> {
  const known = createRemembered<Standing | null>(() => heldForMs, nowMs);

  async function standingOf(tenantId: TenantId, agentId: AgentId, epoch: number): Promise<Standing | null> {
    const key = `${tenantId}/${agentId}`;
    const standing = await known.get(key, () => ask(tenantId, agentId));
    if (standing === null || epoch <= standing.epoch) return standing;
    // The signature is valid, so the token is newer than what is remembered.
    known.forget(key);
    return known.get(key, () => ask(tenantId, agentId));
  }

  return async ({ caller, epoch }) => {
    if (caller.kind !== 'agent') return;
    const standing = await standingOf(caller.tenantId, caller.agentId, epoch ?? -1);
    const isEnded = epoch !== null && standing?.epoch !== epoch;
    if (isEnded || standing?.isActive === false) throw new BadToken();
  };
}
