import { createHash, randomBytes } from 'node:crypto';
import { type AgentId, newId } from '@crossdesk/contracts';
import {
  agentOf,
  type ApiTokenScope,
  changed,
  type CommandCall,
  isAdmin,
  type Outcome,
  refuse,
  type Refused,
  type Role,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import { refuseName } from '../agent/agent-input.domain.ts';
import { adminsOnly, refusePeopleChange } from '../agent/agent.commands.ts';
import { agentsByIds, deactivateTokenAgents, insertAgent } from '../agent/agent.store.ts';
import type { DB } from '../db.ts';
import { type ApiToken, insertApiToken, revokeToken } from './api-token.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;

const secretBytes = 32;
const dayMs = 24 * 3_600_000;
const expiresInDaysMax = 365;

interface WantedToken {
  readonly name: string;
  readonly role: Role;
  readonly scopes: readonly ApiTokenScope[];
  readonly expiresInDays: number;
}

/** Creates a token for programs. `secret` is the whole token, `cdk_<id>_<secret>`; only its digest is stored. */
export async function createApiToken(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  wanted: WantedToken,
): Promise<Outcome<{ apiToken: ApiToken; secret: string }, 'FORBIDDEN' | 'INVALID_INPUT' | 'SIGN_IN_AGAIN'>> {
  const now = clock.now();
  const refusal = refusePeopleChange(actor, now) ?? refuseToken(wanted);
  if (refusal !== null) return refusal;
  const { tenantId } = actor;
  const ownerId = agentOf(actor);
  if (ownerId === null || !(await agentsByIds(trx, tenantId, [ownerId])).has(ownerId)) return noOwner;
  const id = newId<AgentId>();
  const { role, scopes, expiresInDays } = wanted;
  const expiresAt = new Date(now.getTime() + expiresInDays * dayMs);
  const common = { tenantId, id, name: wanted.name.trim(), role, scopes: [...new Set(scopes)], ownerId };
  const apiToken: ApiToken = { ...common, createdAt: now, expiresAt, lastUsedAt: null, revokedAt: null };
  const secret = `cdk_${id.replaceAll('-', '')}_${randomBytes(secretBytes).toString('base64url')}`;
  await insertAgent(trx, agentOfToken(apiToken), null, now);
  await insertApiToken(trx, apiToken, digestOf(secret));
  return changed({ apiToken, secret }, id);
}

function refuseToken({ name, scopes, expiresInDays }: WantedToken): Refused<'INVALID_INPUT'> | null {
  if (scopes.length === 0)
    return refuse('INVALID_INPUT', 'scopes', 'A token without scopes could do nothing: name some.');
  if (expiresInDays < 1 || expiresInDays > expiresInDaysMax)
    return refuse('INVALID_INPUT', 'expiresInDays', `A token is valid for 1 to ${expiresInDaysMax} days.`);
  return refuseName('name', name);
}

const noOwner = refuse(
  'FORBIDDEN',
  null,
  'A token belongs to an agent of this workspace, and you are not one yet: ask for `me` once.',
);

/** A token acts as an agent with a name of its own. */
function agentOfToken({ tenantId, id, name, role }: ApiToken) {
  const kind = 'token' as const;
  return {
    tenantId,
    id,
    kind,
    email: null,
    displayName: name,
    role,
    isActive: true,
    version: 1,
    tokenEpoch: 0,
    customRoleId: null,
  };
}

export async function revokeApiToken(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  id: AgentId,
): Promise<Outcome<ApiToken, 'FORBIDDEN' | 'NOT_FOUND'>> {
  if (!isAdmin(actor)) return adminsOnly;
  await deactivateTokenAgents(trx, actor.tenantId, [id]);
  const token = await revokeToken(trx, actor.tenantId, id, clock.now());
  return token === null ? noToken : changed(token, id);
}

const noToken = refuse('NOT_FOUND', 'apiTokenId', 'There is no API token with this id: take one from apiTokens.');

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
