import { type AgentId, parseId, type TenantId } from '@crossdesk/contracts';
import { type Keyring, type Keys, keysIn } from '@crossdesk/service-kit';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Agent } from '../agent/agent.store.ts';
import type { Challenge } from '../agent/signed-in-payload.ts';

/** Whom a challenge was issued to. */
export interface Challenged {
  readonly tenantId: TenantId;
  readonly agentId: AgentId;
  /** It is worth nothing once this has changed: the role, the password or the access has. */
  readonly epoch: number;
  readonly isEnrolled: boolean;
}

const validForMs = 5 * 60_000;
const algorithm = 'HS256';
const type = 'challenge+jwt';
const audience = 'crossdesk-second-factor';

/** A signed statement that a password was right. Its type, key and audience keep it apart from access tokens. */
export async function issueChallenge(
  keys: Keys,
  { id, tenantId, tokenEpoch }: Agent,
  isEnrolled: boolean,
  now: Date,
): Promise<Challenge> {
  const expiresAt = new Date(now.getTime() + validForMs);
  const token = await new SignJWT({ tenant: tenantId, epoch: tokenEpoch, enrolled: isEnrolled })
    .setProtectedHeader({ alg: algorithm, typ: type })
    .setAudience(audience)
    .setSubject(id)
    .setIssuedAt(now)
    .setExpirationTime(expiresAt)
    .sign(challengeKeyOf(keys).current);
  return { token, expiresAt, isEnrolled };
}

/** Reads a challenge; null if it is none of ours or over. */
export async function readChallenge(keys: Keys, token: string, now: Date): Promise<Challenged | null> {
  for (const key of keysIn(challengeKeyOf(keys))) {
    const claims = await verified(key, token, now);
    if (claims !== null) return claims;
  }
  return null;
}

async function verified(key: Uint8Array, token: string, currentDate: Date): Promise<Challenged | null> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: [algorithm], typ: type, audience, currentDate });
    const [tenantId, agentId] = [idIn<TenantId>(payload['tenant']), idIn<AgentId>(payload.sub)];
    const { epoch, enrolled } = payload;
    if (tenantId === null || agentId === null || typeof epoch !== 'number') return null;
    return { tenantId, agentId, epoch, isEnrolled: enrolled === true };
  } catch (cause) {
    if (cause instanceof errors.JOSEError) return null;
    throw cause;
  }
}

function idIn<Id extends string>(claim: unknown): Id | null {
  return typeof claim === 'string' ? parseId<Id>(claim) : null;
}

function challengeKeyOf(keys: Keys): Keyring {
  return keys.of('conversation/sign-in-challenge');
}
