import type { AgentId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  type Decision,
  isAdmin,
  type Outcome,
  type Principal,
  refuse,
  type Role,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { refusePassword } from './agent-input.domain.ts';
import { adminsOnly } from './agent.commands.ts';
import { changeAgent, withoutTokens } from './agent.domain.ts';
import { agentChanged } from './agent.events.ts';
import { type Agent, agentAggregate, agentsByIds, lockPerson, savePassword, savePerson } from './agent.store.ts';
import type { Passwords } from './password.ts';

export interface UpdateAgentInput {
  readonly agentId: AgentId;
  readonly expectedVersion: number;
  readonly role: Role | null;
  readonly isActive: boolean | null;
}

/** Changes role or access of a person at the request of an admin. */
export async function updateAgent(
  { outbox }: Pick<ServiceRuntime<DB>, 'outbox'>,
  { trx, actor, origin }: CommandCall<DB>,
  input: UpdateAgentInput,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  if (!isAdmin(actor)) return adminsOnly;
  const locked = await lockPerson(trx, actor.tenantId, input.agentId);
  if (locked === null) return noPerson;
  const decision = changeAgent(locked, { ...input, by: agentOf(actor) });
  if (!decision.ok) return decision;
  const agent = decision.value;
  if (agent === locked) return unchanged(locked);
  await savePerson(trx, agent);
  await outbox.append(trx, [agentChanged(agentAggregate(agent), agent, origin)]);
  return changed(agent, agent.id);
}

interface NewPassword {
  readonly agentId: AgentId;
  readonly passwordHash: string;
}

/**
 * Decodes a new password into its hash. That takes 0.3 s, so it is done while no transaction is open, and only if the
 * caller may set it and the person exists.
 */
export async function readNewPassword(
  { runtime, passwords }: { readonly runtime: Pick<ServiceRuntime<DB>, 'db'>; readonly passwords: Passwords },
  actor: Principal,
  { agentId, password }: { readonly agentId: AgentId; readonly password: string },
): Promise<Decision<NewPassword, 'FORBIDDEN' | 'NOT_FOUND' | 'INVALID_INPUT'>> {
  if (!maySetPassword(actor, agentId)) return adminsOnly;
  const malformed = refusePassword(password);
  if (malformed !== null) return malformed;
  const { tenantId } = actor;
  const known = await runtime.db.forTenant(tenantId, (trx) => agentsByIds(trx, tenantId, [agentId]));
  if (known.get(agentId)?.kind !== 'person') return noPerson;
  return accept({ agentId, passwordHash: await passwords.hash(password) });
}

function maySetPassword(actor: Principal, agentId: AgentId): boolean {
  return isAdmin(actor) || agentOf(actor) === agentId;
}

/** Sets the password of a person, at the request of an admin or of the person. Their access tokens end. */
export async function setPassword(
  { trx, actor }: CommandCall<DB>,
  { agentId, passwordHash }: NewPassword,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'NOT_FOUND'>> {
  if (!maySetPassword(actor, agentId)) return adminsOnly;
  const locked = await lockPerson(trx, actor.tenantId, agentId);
  if (locked === null) return noPerson;
  const agent = withoutTokens(locked);
  await savePassword(trx, agent, passwordHash);
  await savePerson(trx, agent);
  return changed(agent, agent.id);
}

/** Ends every access token of the caller, on all their devices. */
export async function signOut({ trx, actor }: CommandCall<DB>): Promise<Outcome<Agent, 'FORBIDDEN'>> {
  const agentId = agentOf(actor);
  const locked = agentId === null ? null : await lockPerson(trx, actor.tenantId, agentId);
  if (locked === null) return noSession;
  const agent = withoutTokens(locked);
  await savePerson(trx, agent);
  return changed(agent, agent.id);
}

const noPerson = refuse(
  'NOT_FOUND',
  'agentId',
  'There is no person with this id in your workspace: take one from agents.',
);
const noSession = refuse('FORBIDDEN', 'agentId', 'Only people can sign out; revoke an API token with revokeApiToken.');
