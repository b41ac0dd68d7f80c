import { type AgentId, newId, parseId, type TenantId } from '@crossdesk/contracts';
import {
  causedByRequest,
  causedOutside,
  type Origin,
  type RequestContext,
  type Role,
  type ServiceRuntime,
  signedIn,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { claimClientRequest, findClientRequest } from '../client-request.store.ts';
import type { DB } from '../db.ts';
import { refuseClientMutationId } from '../input.domain.ts';
import { accept, type Outcome, refuse } from '../refusal.domain.ts';
import { type PersonInput, plainEmail, refusePerson } from './agent-input.domain.ts';
import { agentChanged } from './agent.events.ts';
import { type Agent, agentAggregate, agentsByIds, findCredentials, insertAgent } from './agent.store.ts';
import type { Passwords } from './password.ts';

export interface AgentDeps {
  readonly runtime: Pick<ServiceRuntime<DB>, 'db' | 'outbox' | 'audit' | 'clock'>;
  readonly passwords: Passwords;
}

export interface NewPerson extends PersonInput {
  readonly role: Role;
}

/** Adds a person at the wish of an admin. The same clientMutationId again returns the same person. */
export async function addAgent(
  { runtime, passwords }: AgentDeps,
  request: RequestContext,
  input: NewPerson & { readonly clientMutationId: string },
): Promise<Outcome<Agent>> {
  const { tenantId, role } = signedIn(request);
  if (role !== 'admin') return adminsOnly;
  const refusal = refuseClientMutationId(input.clientMutationId) ?? refusePerson(input);
  if (refusal !== null) return refusal;
  const { db, outbox, audit, clock } = runtime;
  const passwordHash = await passwords.hash(input.password);
  const agent = newPerson(tenantId, input);
  const clientRequest = { tenantId, kind: 'agent', clientMutationId: input.clientMutationId } as const;
  const mutation = audit.mutation<DB, Outcome<Agent>>(request, 'createAgent', async (trx, done) => {
    const earlier = await earlierAgent(trx, tenantId, await findClientRequest(trx, clientRequest));
    if (earlier !== null) return accept(earlier);
    if ((await findCredentials(trx, tenantId, agent.email)) !== null) return emailTaken;
    const first = await earlierAgent(
      trx,
      tenantId,
      await claimClientRequest(trx, clientRequest, agent.id, clock.now()),
    );
    if (first !== null) return accept(first);
    await recordPerson({ outbox, clock }, trx, agent, passwordHash, causedByRequest(request));
    done(agent.id);
    return accept(agent);
  });
  const outcome = await db.forTenant(tenantId, mutation);
  outbox.nudge();
  return outcome;
}

export const adminsOnly = refuse('NOT_ALLOWED', 'role', 'Only admins do this: ask one of your workspace.');
const emailTaken = refuse(
  'ALREADY_EXISTS',
  'email',
  'Somebody of this workspace has this e-mail address: use another one.',
);

async function earlierAgent(trx: Transaction<DB>, tenantId: TenantId, text: string | null): Promise<Agent | null> {
  const id = text === null ? null : parseId<AgentId>(text);
  return id === null ? null : ((await agentsByIds(trx, tenantId, [id])).get(id) ?? null);
}

export function newPerson(
  tenantId: TenantId,
  { displayName, email, role }: NewPerson,
): Agent & { readonly email: string } {
  return {
    tenantId,
    id: newId<AgentId>(),
    kind: 'person',
    email: plainEmail(email),
    displayName: displayName.trim(),
    role,
    isActive: true,
    version: 1,
    tokenEpoch: 0,
  };
}

/** Inserts a person and tells of it. @throws Error if somebody else took the e-mail address in the meantime */
export async function recordPerson(
  { outbox, clock }: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  agent: Agent,
  passwordHash: string | null,
  origin: Origin,
): Promise<void> {
  if (!(await insertAgent(trx, agent, passwordHash, clock.now()))) {
    throw new Error('the e-mail address was taken while the agent was being added: try again');
  }
  await outbox.append(trx, [agentChanged(agentAggregate(agent), agent, origin)]);
}

/**
 * The agent behind a request. Who comes through an external provider for the first time becomes one, since the provider
 * has vouched for workspace and role; without his e-mail address if a colleague has it already.
 */
export async function agentOf(runtime: AgentDeps['runtime'], request: RequestContext): Promise<Agent | null> {
  const { caller } = request;
  const { tenantId, agentId, role } = signedIn(request);
  const known = await runtime.db.forTenant(tenantId, (trx) => agentsByIds(trx, tenantId, [agentId]));
  const existing = known.get(agentId) ?? null;
  if (existing !== null || caller.kind !== 'agent' || caller.profile === undefined) return existing;
  const { displayName, email } = caller.profile;
  const agent: Agent = {
    tenantId,
    id: agentId,
    kind: 'person',
    email: email === null ? null : plainEmail(email),
    displayName,
    role,
    isActive: true,
    version: 1,
    tokenEpoch: 0,
  };
  const welcomed = await runtime.db.forTenant(tenantId, async (trx) => {
    const isEmailFree = agent.email === null || (await findCredentials(trx, tenantId, agent.email)) === null;
    const person = isEmailFree ? agent : { ...agent, email: null };
    await recordPerson(runtime, trx, person, null, causedByRequest(request));
    return person;
  });
  runtime.outbox.nudge();
  return welcomed;
}

/** Adds a person without anybody asking through the API, for seeding; who has the e-mail address already is returned. */
export async function createAgent(
  { runtime, passwords }: AgentDeps,
  tenantId: TenantId,
  person: NewPerson,
): Promise<Agent> {
  const refusal = refusePerson(person);
  if (refusal !== null) throw new Error(refusal.errors.map((error) => error.message).join(' '));
  const passwordHash = await passwords.hash(person.password);
  const agent = newPerson(tenantId, person);
  const created = await runtime.db.forTenant(tenantId, async (trx) => {
    const existing = await findCredentials(trx, tenantId, agent.email);
    if (existing !== null) return existing.agent;
    await recordPerson(runtime, trx, agent, passwordHash, causedOutside({ kind: 'system', id: null }));
    return agent;
  });
  runtime.outbox.nudge();
  return created;
}
