import type { Caller, MonotonicMs } from '@crossdesk/service-kit';
import { BadToken, type Identity } from './identity.ts';
import { createRemembered, keyOfToken } from './remembered.ts';

export const apiTokenPrefix = 'cdk_';
export type ApiTokenCheck = (token: string) => Promise<Identity>;

/** A revoked token stops working within 30 seconds. */
const heldForMs = 30_000;
/** A new token must not be refused for long because somebody tried it before it existed. */
const refusedForMs = 5_000;

/** Asks the owner of API tokens who a token belongs to, and remembers the answer for a short time. */
export function createApiTokenCheck(
  introspect: (token: string) => Promise<Caller | null>,
  nowMs?: MonotonicMs,
): ApiTokenCheck {
  const known = createRemembered<Caller | null>((caller) => (caller === null ? refusedForMs : heldForMs), nowMs);
  return async (token) => {
    const caller = await known.get(keyOfToken(token), () => introspect(token));
    if (caller === null || caller.kind !== 'api-token') throw new BadToken();
    return { caller, expiresAt: null, epoch: null };
  };
}
