import { createHash, randomBytes } from 'node:crypto';
import { type AgentId, newId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  isAdmin,
  type Outcome,
  refuse,
  type Role,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import { refuseName } from '../agent/agent-input.domain.ts';
import { adminsOnly } from '../agent/agent.commands.ts';
import { deactivateTokenAgent, insertAgent } from '../agent/agent.store.ts';
import type { DB } from '../db.ts';
import { type ApiToken, insertApiToken, revokeToken } from './api-token.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;

const secretBytes = 32;

/** Creates a token for programs. `secret` is the whole token, `cdk_<id>_<secret>`; only its digest is stored. */
export async function createApiToken(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  { name: given, role }: { readonly name: string; readonly role: Role },
): Promise<Outcome<{ apiToken: ApiToken; secret: string }, 'FORBIDDEN' | 'INVALID_INPUT'>> {
  if (!isAdmin(actor)) return adminsOnly;
  const refusal = refuseName('name', given);
  if (refusal !== null) return refusal;
  const { tenantId } = actor;
  const id = newId<AgentId>();
  const now = clock.now();
  const name = given.trim();
  const apiToken: ApiToken = { tenantId, id, name, role, createdAt: now, lastUsedAt: null, revokedAt: null };
  const secret = `cdk_${id.replaceAll('-', '')}_${randomBytes(secretBytes).toString('base64url')}`;
  await insertAgent(trx, agentOfToken(apiToken), null, now);
  await insertApiToken(trx, apiToken, digestOf(secret));
  return changed({ apiToken, secret }, id);
}

/** A token acts as an agent with a name of its own. */
function agentOfToken({ tenantId, id, name, role }: ApiToken) {
  const kind = 'token' as const;
  return { tenantId, id, kind, email: null, displayName: name, role, isActive: true, version: 1, tokenEpoch: 0 };
}

export async function revokeApiToken(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  id: AgentId,
): Promise<Outcome<ApiToken, 'FORBIDDEN' | 'NOT_FOUND'>> {
  if (!isAdmin(actor)) return adminsOnly;
  await deactivateTokenAgent(trx, actor.tenantId, id);
  const token = await revokeToken(trx, actor.tenantId, id, clock.now());
  return token === null ? noToken : changed(token, id);
}

const noToken = refuse('NOT_FOUND', 'apiTokenId', 'There is no API token with this id: take one from apiTokens.');

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
