import { createHash } from 'node:crypto';
import { type AgentId, parseId, type SessionId, type TenantId } from '@crossdesk/contracts';
import type { Clock, MonotonicMs, Role } from '@crossdesk/service-kit';
import {
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { BadToken, type Identity } from './identity.ts';
import { createRemembered, keyOfToken } from './remembered.ts';

export type TokenVerifier = (token: string) => Promise<Identity>;

const clockToleranceSeconds = 30;
/** A key that is no longer published stops working within 30 seconds. */
const heldForMs = 10_000;

/** The claims that signIn puts into its tokens and the gateway requires. */
export const ownIssuer = { issuer: 'crossdesk', audience: 'crossdesk-api', tokenAgeSecondsMax: 12 * 60 * 60 } as const;

export interface OwnIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly tokenAgeSecondsMax: number;
  /** The key set itself, or its address. */
  readonly keys: JWTVerifyGetKey | URL;
  readonly clock: Clock;
  /** The clock for how long a verified token is remembered; tests set one. */
  readonly nowMs?: MonotonicMs;
}

/** Checks the tokens that signIn returns: EdDSA, `at+jwt`, with `sub` (agent), `tenant`, `role`, `epoch` and `sid` (session). */
export function createOwnTokenVerifier(spec: OwnIssuer): TokenVerifier {
  const keys = keysOf(spec.keys);
  const options: JWTVerifyOptions = {
    algorithms: ['EdDSA'],
    issuer: spec.issuer,
    audience: spec.audience,
    typ: 'at+jwt',
    requiredClaims: ['exp', 'iat', 'sub', 'tenant', 'role', 'epoch', 'sid'],
    maxTokenAge: spec.tokenAgeSecondsMax,
    clockTolerance: clockToleranceSeconds,
  };
  return remembering(spec, async (token) => {
    const claims = await verify(token, keys, { ...options, currentDate: spec.clock.now() });
    const { epoch } = claims;
    const sessionId = idIn<SessionId>(claims['sid']);
    if (typeof epoch !== 'number' || !Number.isInteger(epoch) || sessionId === null) throw new BadToken();
    const { caller, expiresAt } = identityOf(idIn<AgentId>(claims.sub), claims['tenant'], claims['role'], claims);
    return { caller: { ...caller, sessionId }, expiresAt, epoch };
  });
}

export interface ExternalIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey | URL;
  /** The `typ` of its access tokens. */
  readonly tokenType: string;
  readonly tenantClaim: string;
  readonly roleClaim: string;
  readonly tokenAgeSecondsMax: number;
  readonly clock: Clock;
}

/** Checks the access tokens of an OpenID provider. A subject that is not a uuid gets an id made from issuer and subject. */
export function createExternalTokenVerifier(spec: ExternalIssuer): TokenVerifier {
  const keys = keysOf(spec.keys);
  const options: JWTVerifyOptions = {
    algorithms: ['RS256', 'ES256'],
    issuer: spec.issuer,
    audience: spec.audience,
    typ: spec.tokenType,
    requiredClaims: ['exp', 'iat', 'sub', spec.tenantClaim, spec.roleClaim],
    maxTokenAge: spec.tokenAgeSecondsMax,
    clockTolerance: clockToleranceSeconds,
  };
  return remembering(spec, async (token) => {
    const claims = await verify(token, keys, { ...options, currentDate: spec.clock.now() });
    const { sub = '' } = claims;
    if (!isForApis(claims) || sub.trim() === '' || sub.length > subjectCharactersMax) throw new BadToken();
    const agentId = idIn<AgentId>(sub) ?? idOfSubject(spec.issuer, sub);
    const { caller, expiresAt } = identityOf(agentId, claims[spec.tenantClaim], claims[spec.roleClaim], claims);
    return { caller: { ...caller, profile: profileOf(claims) }, expiresAt, epoch: null };
  });
}

/** As long as OpenID Connect allows. */
const subjectCharactersMax = 255;

/** Claims of tokens that tell a client who signed in or out: an API must not accept those. */
const foreignClaims = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/** Some providers give tokens of all uses the same `typ` in the header, and name the use in a claim. */
function isForApis(claims: JWTPayload): boolean {
  const isOfAnotherUse = [claims['typ'], claims['token_use']].some(
    (use) => typeof use === 'string' && ['id', 'refresh', 'logout', 'offline'].includes(use.toLowerCase()),
  );
  return !isOfAnotherUse && !foreignClaims.some((name) => name in claims);
}

/**
 * Checks a signature once in ten seconds instead of at each request, which took a quarter of the gateway's time for a
 * query.
 */
function remembering({ clock, nowMs }: Pick<OwnIssuer, 'clock' | 'nowMs'>, check: TokenVerifier): TokenVerifier {
  const known = createRemembered<Identity | BadToken>((answer) => (answer instanceof BadToken ? 0 : heldForMs), nowMs);
  const identityIn = (token: string): Promise<Identity | BadToken> =>
    check(token).catch((cause: unknown) => {
      if (cause instanceof BadToken) return cause;
      throw cause;
    });
  return async (token) => {
    const identity = await known.get(keyOfToken(token), () => identityIn(token));
    // Also checked for a remembered identity, which stays in use while keys cannot be fetched.
    if (identity instanceof BadToken) throw identity;
    if (hasEnded(identity, clock)) throw new BadToken({ isExpired: true });
    return identity;
  };
}

function hasEnded({ expiresAt }: Identity, clock: Clock): boolean {
  return expiresAt === null || expiresAt.getTime() + clockToleranceSeconds * 1_000 <= clock.now().getTime();
}

/** At most one fetch in 30 seconds, however many unknown key ids arrive. */
function keysOf(keys: JWTVerifyGetKey | URL): JWTVerifyGetKey {
  if (!(keys instanceof URL)) return keys;
  return createRemoteJWKSet(keys, { cooldownDuration: 30_000, cacheMaxAge: 600_000, timeoutDuration: 5_000 });
}

async function verify(token: string, keys: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (cause) {
    // Keys that cannot be fetched say nothing about the token.
    if (cause instanceof errors.JWKSTimeout || !(cause instanceof errors.JOSEError)) throw cause;
    throw new BadToken({ cause, isExpired: cause instanceof errors.JWTExpired });
  }
}

function identityOf(agentId: AgentId | null, tenant: unknown, roleWord: unknown, claims: JWTPayload) {
  const { exp } = claims;
  const tenantId = idIn<TenantId>(tenant);
  const role = roleOf(roleWord);
  if (agentId === null || tenantId === null || role === null || exp === undefined) throw new BadToken();
  return {
    caller: {
      kind: 'agent' as const,
      tenantId,
      agentId,
      role,
      authenticatedAtMs: 1_000 * authenticatedSecondsOf(claims),
    },
    expiresAt: new Date(exp * 1000),
  };
}

function idIn<Id extends TenantId | AgentId | SessionId>(claim: unknown): Id | null {
  return typeof claim === 'string' ? parseId<Id>(claim) : null;
}

/** A provider that does not say when somebody signed in vouches for it by issuing a token. */
function authenticatedSecondsOf({ auth_time: signedIn, iat }: JWTPayload): number {
  return typeof signedIn === 'number' ? signedIn : (iat ?? 0);
}

const roles: readonly Role[] = ['agent', 'supervisor', 'admin'];
export function roleOf(word: unknown): Role | null {
  return roles.find((role) => role === word) ?? null;
}

/** A uuid of version 8 (RFC 9562): always the same for one person of one issuer. */
function idOfSubject(issuer: string, subject: string): AgentId | null {
  const hex = createHash('sha256').update(`${issuer}\n${subject}`).digest('hex');
  return parseId(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
  );
}

/** The name that the provider gives a person; the conversation service makes them an agent at their first visit. */
function profileOf(claims: JWTPayload): { displayName: string; email: string | null } {
  const word = (name: string): string | null => {
    const claim = claims[name];
    return typeof claim === 'string' && claim.trim() !== '' ? claim.trim().slice(0, 200) : null;
  };
  const email = claims['email_verified'] === false ? null : word('email');
  return { displayName: word('name') ?? word('preferred_username') ?? email ?? claims.sub ?? 'somebody', email };
}
