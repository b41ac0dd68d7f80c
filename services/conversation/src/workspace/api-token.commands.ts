import { createHash, randomBytes } from 'node:crypto';
import { type AgentId, newId, parseId } from '@crossdesk/contracts';
import { type RequestContext, type Role, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { accept, type Outcome, refuse } from '../refusal.domain.ts';
import { refuseName } from '../agent/agent-input.domain.ts';
import { adminsOnly } from '../agent/agent.commands.ts';
import { deactivateTokenAgent, insertAgent } from '../agent/agent.store.ts';
import { type ApiToken, insertApiToken, revokeToken } from './api-token.store.ts';

type TokenDeps = Pick<ServiceRuntime<DB>, 'db' | 'audit' | 'clock'>;

const secretBytes = 32;

/** Creates a token for programs. `secret` is the whole token, `cdk_<id>_<secret>`; only its digest is kept. */
export async function createApiToken(
  { db, audit, clock }: TokenDeps,
  request: RequestContext,
  input: { readonly name: string; readonly role: Role },
): Promise<Outcome<{ apiToken: ApiToken; secret: string }>> {
  const { tenantId, role } = signedIn(request);
  if (role !== 'admin') return adminsOnly;
  const refusal = refuseName('name', input.name);
  if (refusal !== null) return refusal;
  const id = newId<AgentId>();
  const name = input.name.trim();
  const now = clock.now();
  const apiToken: ApiToken = {
    tenantId,
    id,
    name,
    role: input.role,
    createdAt: now,
    lastUsedAt: null,
    revokedAt: null,
  };
  const secret = `cdk_${id.replaceAll('-', '')}_${randomBytes(secretBytes).toString('base64url')}`;
  const mutation = audit.mutation(request, 'createApiToken', async (trx: Transaction<DB>, done) => {
    const agent = {
      tenantId,
      id,
      kind: 'token',
      email: null,
      displayName: name,
      role: input.role,
      isActive: true,
      version: 1,
      tokenEpoch: 0,
    } as const;
    await insertAgent(trx, agent, null, now);
    await insertApiToken(trx, apiToken, digestOf(secret));
    done(id);
  });
  await db.forTenant(tenantId, mutation);
  return accept({ apiToken, secret });
}

export async function revokeApiToken(
  { db, audit, clock }: TokenDeps,
  request: RequestContext,
  input: { readonly apiTokenId: string },
): Promise<Outcome<ApiToken>> {
  const { tenantId, role } = signedIn(request);
  if (role !== 'admin') return adminsOnly;
  const id = parseId<AgentId>(input.apiTokenId);
  const mutation = audit.mutation(request, 'revokeApiToken', async (trx: Transaction<DB>, done) => {
    if (id === null) return null;
    await deactivateTokenAgent(trx, tenantId, id);
    const token = await revokeToken(trx, tenantId, id, clock.now());
    if (token !== null) done(id);
    return token;
  });
  const revoked = await db.forTenant(tenantId, mutation);
  return revoked === null
    ? refuse('NOT_FOUND', 'apiTokenId', 'There is no API token with this id: take one from apiTokens.')
    : accept(revoked);
}

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
