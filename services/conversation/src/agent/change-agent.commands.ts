import { type AgentId, parseId } from '@crossdesk/contracts';
import { causedByRequest, type RequestContext, type Role, signedIn } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { accept, type Outcome, refuse } from '../refusal.domain.ts';
import { refusePassword } from './agent-input.domain.ts';
import { type AgentDeps, adminsOnly } from './agent.commands.ts';
import { changeAgent, withoutTokens } from './agent.domain.ts';
import { agentChanged } from './agent.events.ts';
import { type Agent, agentAggregate, agentsByIds, lockPerson, savePassword, savePerson } from './agent.store.ts';

export interface UpdateAgentInput {
  readonly agentId: string;
  readonly expectedVersion: number;
  readonly role: Role | null;
  readonly isActive: boolean | null;
}

/** Changes role or access of a person at the wish of an admin. */
export async function updateAgent(
  { runtime }: Pick<AgentDeps, 'runtime'>,
  request: RequestContext,
  input: UpdateAgentInput,
): Promise<Outcome<Agent>> {
  const { tenantId, role, agentId: by } = signedIn(request);
  if (role !== 'admin') return adminsOnly;
  const id = parseId<AgentId>(input.agentId);
  const mutation = runtime.audit.mutation<DB, Outcome<Agent>>(request, 'updateAgent', async (trx, done) => {
    const locked = id === null ? null : await lockPerson(trx, tenantId, id);
    if (locked === null) return noPerson;
    const decision = changeAgent(locked, { ...input, by });
    if (!decision.ok || decision.value === locked) return decision;
    const agent = decision.value;
    await savePerson(trx, agent);
    await runtime.outbox.append(trx, [agentChanged(agentAggregate(agent), agent, causedByRequest(request))]);
    done(agent.id);
    return decision;
  });
  const outcome = await runtime.db.forTenant(tenantId, mutation);
  runtime.outbox.nudge();
  return outcome;
}

/** Sets the password of a person, at the wish of an admin or his own. What he signed in with ends. */
export async function resetPassword(
  { runtime, passwords }: AgentDeps,
  request: RequestContext,
  input: { readonly agentId: string; readonly password: string },
): Promise<Outcome<Agent>> {
  const { tenantId, role, agentId: by } = signedIn(request);
  const id = parseId<AgentId>(input.agentId);
  if (role !== 'admin' && id !== by) return adminsOnly;
  const refusal = refusePassword(input.password);
  if (refusal !== null) return refusal;
  if (id === null) return noPerson;
  // A hash is dear: none is made for who is not there, and no lock is held meanwhile.
  const known = await runtime.db.forTenant(tenantId, (trx) => agentsByIds(trx, tenantId, [id]));
  if (known.get(id)?.kind !== 'person') return noPerson;
  const passwordHash = await passwords.hash(input.password);
  const mutation = runtime.audit.mutation<DB, Outcome<Agent>>(request, 'resetPassword', async (trx, done) => {
    const locked = await lockPerson(trx, tenantId, id);
    if (locked === null) return noPerson;
    const agent = withoutTokens(locked);
    await savePassword(trx, agent, passwordHash);
    await savePerson(trx, agent);
    done(agent.id);
    return accept(agent);
  });
  return runtime.db.forTenant(tenantId, mutation);
}

/** Ends every access token of the caller, on all his devices. */
export async function signOut(
  { runtime }: Pick<AgentDeps, 'runtime'>,
  request: RequestContext,
): Promise<Outcome<Agent>> {
  const { tenantId, agentId } = signedIn(request);
  const mutation = runtime.audit.mutation<DB, Outcome<Agent>>(request, 'signOut', async (trx, done) => {
    const locked = await lockPerson(trx, tenantId, agentId);
    if (locked === null) return noSession;
    const agent = withoutTokens(locked);
    await savePerson(trx, agent);
    done(agent.id);
    return accept(agent);
  });
  return runtime.db.forTenant(tenantId, mutation);
}

const noPerson = refuse(
  'NOT_FOUND',
  'agentId',
  'There is no person with this id in your workspace: take one from agents.',
);
const noSession = refuse(
  'NOT_ALLOWED',
  'agentId',
  'Only people sign out; an API token is taken back with revokeApiToken.',
);
