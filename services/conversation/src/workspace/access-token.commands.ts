import { newId } from '@crossdesk/contracts';
import {
  type Keyring,
  seal,
  type SealedPlace,
  sealingKeyOf,
  type ServiceRuntime,
  unseal,
} from '@crossdesk/service-kit';
import { exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import type { DB } from '../db.ts';
import type { Agent } from '../agent/agent.store.ts';
import type { Session } from '../agent/session.domain.ts';
import { insertSigningKey, listSigningKeys, lockSigningKeys, type SealedKey } from './signing-key.store.ts';

const algorithm = 'EdDSA';
/** Short: what a token says of its person (the role) is as old as the token. `refreshSession` gets the next one. */
const validForSeconds = 3_600;

export interface AccessToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

export interface AccessTokens {
  /** A token for a session of a person; it ends with the session. */
  issue(agent: Agent, session: Session): Promise<AccessToken>;
  /** The public keys that verify the issued tokens. */
  keySet(): Promise<JSONWebKeySet>;
}

type KeyDeps = Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'keys'>;

/**
 * Issues access tokens (RFC 9068) signed with the installation's key, which is created at the first start and stored
 * sealed.
 */
export async function openAccessTokens(
  { db, clock, keys }: KeyDeps,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
): Promise<AccessTokens> {
  const sealingKey = sealingKeyOf(keys, 'conversation');
  const current = await db.asWorker(async (trx) => {
    await lockSigningKeys(trx);
    const [newest] = await listSigningKeys(trx);
    if (newest !== undefined) return newest;
    const made = await makeKey(sealingKey);
    await insertSigningKey(trx, made, clock.now());
    return made;
  });
  const privateKey = await importJWK(openKey(sealingKey, current), algorithm);
  return {
    async issue({ id, tenantId, role, tokenEpoch }, session) {
      const issuedSeconds = secondsOf(clock.now());
      const expiresSeconds = Math.min(issuedSeconds + validForSeconds, secondsOf(session.expiresAt));
      const about = { tenant: tenantId, role, epoch: tokenEpoch, sid: session.id };
      const accessToken = await new SignJWT({ ...about, auth_time: secondsOf(session.createdAt) })
        .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: current.id })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(id)
        .setJti(newId())
        .setIssuedAt(issuedSeconds)
        .setExpirationTime(expiresSeconds)
        .sign(privateKey);
      return { accessToken, expiresAt: new Date(expiresSeconds * 1_000) };
    },
    async keySet() {
      const known = await db.asWorker(listSigningKeys);
      return { keys: known.map(({ id, publicJwk }) => ({ ...publicJwk, kid: id, alg: algorithm, use: 'sig' }) as JWK) };
    },
  };
}

function secondsOf(instant: Date): number {
  return Math.floor(instant.getTime() / 1_000);
}

async function makeKey(sealingKey: Keyring): Promise<SealedKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const id = newId();
  const sealedPrivate = seal(sealingKey, placeOf(id), JSON.stringify(await exportJWK(privateKey)));
  return { id, publicJwk: await exportJWK(publicKey), sealedPrivate };
}

/** The key belongs to the installation, not to a tenant. */
function placeOf(id: string): SealedPlace {
  return { tenantId: 'installation', table: 'signing_key', column: 'sealed_private', row: id };
}

function openKey(sealingKey: Keyring, { id, sealedPrivate }: SealedKey): JWK {
  try {
    return JSON.parse(unseal(sealingKey, placeOf(id), sealedPrivate)) as JWK;
  } catch (cause) {
    throw new Error(
      'the signing key cannot be opened: the keys are not derived from the master secret it was sealed with, restore that one',
      { cause },
    );
  }
}
