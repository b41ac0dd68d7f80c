import type { AgentId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type Role,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { refusePeopleChange } from './agent.commands.ts';
import { changeAgent, withoutTokens } from './agent.domain.ts';
import { agentChanged } from './agent.events.ts';
import { leaveDuty } from '../queue/queue.store.ts';
import {
  type Agent,
  agentAggregate,
  deactivateTokenAgents,
  lockPerson,
  revokeTokensOf,
  savePerson,
} from './agent.store.ts';
import { endSessionsOf } from './session.store.ts';

export interface UpdateAgentInput {
  readonly agentId: AgentId;
  readonly expectedVersion: number;
  readonly role: Role | null;
  readonly isActive: boolean | null;
}

/** Changes role or access of a person at the request of an admin; their access tokens end, and their API tokens unless they stay an admin. Without access their sessions end too. */
export async function updateAgent(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  { trx, actor, origin }: CommandCall<DB>,
  input: UpdateAgentInput,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'NOT_FOUND' | 'SIGN_IN_AGAIN' | 'VERSION_CONFLICT'>> {
  const refusal = refusePeopleChange(actor, clock.now());
  if (refusal !== null) return refusal;
  const locked = await lockPerson(trx, actor.tenantId, input.agentId);
  if (locked === null) return noPerson;
  const decision = changeAgent(locked, { ...input, by: agentOf(actor) });
  if (!decision.ok) return decision;
  const agent = decision.value;
  if (agent === locked) return unchanged(locked);
  await savePerson(trx, agent);
  if (!agent.isActive) {
    await leaveDuty(trx, agent);
    await endSessionsOf(trx, agent, null, clock.now());
  }
  if (!agent.isActive || agent.role !== 'admin') await endTokens(trx, agent, clock.now());
  await outbox.append(trx, [agentChanged(agentAggregate(agent), agent, origin)]);
  return changed(agent, agent.id);
}

/** Programs of somebody who lost their access, or the role that creates API tokens, stop with them. */
async function endTokens(trx: Transaction<DB>, owner: Agent, now: Date): Promise<void> {
  await deactivateTokenAgents(trx, owner.tenantId, await revokeTokensOf(trx, owner, now));
}

/** Ends every session of the caller, with its access tokens, on all their devices. */
export async function signOut(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor }: CommandCall<DB>,
): Promise<Outcome<Agent, 'FORBIDDEN'>> {
  const agentId = agentOf(actor);
  const locked = agentId === null ? null : await lockPerson(trx, actor.tenantId, agentId);
  if (locked === null) return noSession;
  const agent = withoutTokens(locked);
  await savePerson(trx, agent);
  await endSessionsOf(trx, agent, null, clock.now());
  return changed(agent, agent.id);
}

export const noPerson = refuse(
  'NOT_FOUND',
  'agentId',
  'There is no person with this id in your workspace: take one from agents.',
);
const noSession = refuse('FORBIDDEN', 'agentId', 'Only people can sign out; revoke an API token with revokeApiToken.');
