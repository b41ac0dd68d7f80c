import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AgentId, SessionId, TenantId } from '@crossdesk/contracts';
import { type Keyring, type Keys, keysIn } from '../runtime/keys.ts';
import type { Access } from './access.ts';
import type { ApiTokenScope } from './api-token-scope.ts';

export type Role = 'agent' | 'supervisor' | 'admin';

/** The caller. The tenant of a request comes only from here. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'agent';
      readonly tenantId: TenantId;
      readonly agentId: AgentId;
      readonly role: Role;
      /** When they last proved who they are (milliseconds since 1970): grave actions need that to be recent. */
      readonly authenticatedAtMs: number;
      /** The session of their token; absent for people who come through an external provider. */
      readonly sessionId?: SessionId;
      /** What their custom role limits; absent for people without one. */
      readonly access?: Access;
      /** The person's data from an external provider; absent for people who sign in with Crossdesk itself. */
      readonly profile?: { readonly displayName: string; readonly email: string | null };
    }
  | {
      readonly kind: 'api-token';
      readonly tenantId: TenantId;
      readonly agentId: AgentId;
      readonly role: Role;
      /** What the custom role of its owner limits; absent for owners without one. */
      readonly access?: Access;
      readonly scopes: readonly ApiTokenScope[];
    };

export interface RequestContext {
  readonly caller: Caller;
  readonly requestId: string;
  /** W3C trace context of the request. */
  readonly traceparent: string;
  /** Address of the client as the gateway saw it, for sign-in throttling and the list of sessions. */
  readonly clientAddress: string;
  /** What the client calls itself, shortened; empty if it says nothing. Anybody can write anything there. */
  readonly userAgent: string;
}

/** Name of the header that carries a signed request context from the gateway to a subgraph. */
export const contextHeader = 'x-crossdesk-context';
const validForMs = 30_000;

/**
 * Signs a context for one operation: the signature covers the operation's bytes, so it is valid for no other request.
 */
export function signContext(key: Keyring, context: RequestContext, body: string, now: Date): string {
  const claims = { ...context, bodyHash: hashOf(body), expiresAt: now.getTime() + validForMs };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${payload}.${signatureOf(key.current, payload).toString('base64url')}`;
}

/**
 * The context of a request from the gateway; null when it is missing, forged, expired or belongs to another operation.
 */
export function verifyContext(
  key: Keyring,
  header: string | undefined,
  body: string,
  now: Date,
): RequestContext | null {
  const [payload, signature, ...rest] = (header ?? '').split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return null;
  const given = Buffer.from(signature, 'base64url');
  if (!keysIn(key).some((one) => isSame(given, signatureOf(one, payload)))) return null;
  // Only the holder of the key can have written the payload, so its shape is trusted.
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as RequestContext & {
    bodyHash: string;
    expiresAt: number;
  };
  if (claims.bodyHash !== hashOf(body) || claims.expiresAt < now.getTime()) return null;
  const { caller, requestId, traceparent, clientAddress, userAgent } = claims;
  return { caller, requestId, traceparent, clientAddress, userAgent };
}

function hashOf(body: string): string {
  return createHash('sha256').update(body).digest('base64url');
}

function signatureOf(key: Buffer, payload: string): Buffer {
  return createHmac('sha256', key).update(payload).digest();
}

function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The key the gateway signs contexts for one service with. Each service has its own, so that none can ask another as the gateway. */
export function contextKeyOf(keys: Keys, service: string): Keyring {
  return keys.of(`${service}/request-context`);
}
