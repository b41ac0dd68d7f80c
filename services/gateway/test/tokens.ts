import { type AgentId, newId, type SessionId, type TenantId } from '@crossdesk/contracts';
import type { RequestContext } from '@crossdesk/service-kit';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ownIssuer } from '../src/caller/access-token.ts';

export interface Person {
  readonly tenantId: TenantId;
  readonly agentId: AgentId;
  readonly role: string;
}

export function person(tenantId: TenantId = newId(), role = 'agent'): Person {
  return { tenantId, agentId: newId(), role };
}

/** What the gateway knows of an operation that an agent sends. */
export function contextOf({ tenantId, agentId }: Person): RequestContext {
  const caller = { kind: 'agent', tenantId, agentId, role: 'agent', authenticatedAtMs: 0 } as const;
  return { caller, requestId: '', traceparent: '', clientAddress: '', userAgent: '' };
}

/** The issuer of a test: its key pair and the public half as a key set. */
export async function createIssuer() {
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  const publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'key-1', alg: 'EdDSA', use: 'sig' };
  return {
    ...pair,
    publicJwk,
    keySet: createLocalJWKSet({ keys: [publicJwk] }),
    tokenFor: ({ tenantId, agentId, role }: Person, expiresAt: Date | string = '1h') =>
      new SignJWT({ tenant: tenantId, role, epoch: 0, sid: newId<SessionId>() })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'key-1' })
        .setIssuer(ownIssuer.issuer)
        .setAudience(ownIssuer.audience)
        .setSubject(agentId)
        .setIssuedAt()
        .setExpirationTime(expiresAt)
        .sign(pair.privateKey),
  };
}
