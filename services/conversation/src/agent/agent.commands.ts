import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import {
  accept,
  changed,
  type CommandCall,
  type Decision,
  type Done,
  isAdmin,
  makeOnce,
  type Origin,
  type Outcome,
  type Principal,
  refuse,
  type Refused,
  refuseLimited,
  refuseOldSession,
  refuseProgram,
  type Role,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type PersonInput, plainEmail, refusePerson } from './agent-input.domain.ts';
import { agentChanged } from './agent.events.ts';
import { type Agent, agentAggregate, agentsByIds, findCredentials, insertAgent } from './agent.store.ts';
import type { Asker } from './hashing-queue.ts';
import { refuseWeak } from './password-strength.ts';
import type { Passwords } from './password.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

/** A person to be added. */
export interface NewPerson {
  readonly displayName: string;
  readonly email: string;
  readonly role: Role;
  readonly passwordHash: string;
}

/** Decodes a person; the password becomes its hash. That takes long, so it is done while no transaction is open. */
export async function readPerson(
  passwords: Passwords,
  asker: Asker,
  { password, ...person }: PersonInput & { readonly role: Role },
): Promise<Decision<NewPerson, 'BUSY' | 'INVALID_INPUT'>> {
  const refusal =
    refusePerson({ ...person, password }) ?? refuseWeak('password', password, [person.displayName, person.email]);
  if (refusal !== null) return refusal;
  const hashed = await passwords.hash(asker, password);
  return hashed.ok ? accept({ ...person, passwordHash: hashed.value }) : hashed;
}

/** Adds a person at the request of an admin. Repeating a clientMutationId returns the same person. */
export async function addAgent(
  deps: Deps,
  call: CommandCall<DB>,
  { clientMutationId, person }: { readonly clientMutationId: string; readonly person: NewPerson },
): Promise<Outcome<Agent, 'FORBIDDEN' | 'SIGN_IN_AGAIN' | 'INVALID_INPUT' | 'ALREADY_EXISTS' | 'CLIENT_ID_REUSED'>> {
  const { trx, actor, origin } = call;
  const refusal = refusePeopleChange(actor, deps.clock.now());
  if (refusal !== null) return refusal;
  const { tenantId } = actor;
  return makeOnce<DB, Agent, 'ALREADY_EXISTS'>(
    call,
    { kind: 'agent', clientMutationId, content: [person.displayName, person.email, person.role] },
    {
      find: async (id) => (await agentsByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const agent = newAgent(tenantId, person);
        if ((await findCredentials(trx, tenantId, agent.email)) !== null) return emailTaken;
        return accept({ made: agent, record: () => recordAgent(deps, trx, agent, person.passwordHash, origin) });
      },
    },
  );
}

/** Who comes in, and with which rights, is changed by admins who have just signed in, and by no program. */
export function refusePeopleChange(actor: Principal, now: Date): Refused<'FORBIDDEN' | 'SIGN_IN_AGAIN'> | null {
  if (!isAdmin(actor)) return refuseProgram(actor) ?? adminsOnly;
  return refuseProgram(actor) ?? refuseLimited(actor) ?? refuseOldSession(actor, now);
}

export const adminsOnly = refuse('FORBIDDEN', 'role', 'Only admins may do this: ask one of your workspace.');
const emailTaken = refuse(
  'ALREADY_EXISTS',
  'email',
  'Somebody of this workspace has this e-mail address: use another one.',
);

export function newAgent(
  tenantId: TenantId,
  { displayName, email, role }: Omit<NewPerson, 'passwordHash'>,
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
    customRoleId: null,
  };
}

/** Inserts a person and publishes it. @throws Error if the e-mail address was taken meanwhile */
export async function recordAgent(
  { outbox, clock }: Deps,
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
 * Makes the caller an agent, without their e-mail address if a colleague has it already. An external provider has vouched
 * for workspace and role.
 */
export async function welcomeAgent(
  deps: Deps,
  { trx, actor, origin }: CommandCall<DB>,
  vouched: { readonly id: AgentId; readonly displayName: string; readonly email: string | null; readonly role: Role },
): Promise<Done<Agent>> {
  const { id, displayName, role } = vouched;
  const email = vouched.email === null ? null : plainEmail(vouched.email);
  const isEmailFree = email !== null && (await findCredentials(trx, actor.tenantId, email)) === null;
  const agent: Agent = {
    tenantId: actor.tenantId,
    id,
    kind: 'person',
    email: isEmailFree ? email : null,
    displayName,
    role,
    isActive: true,
    version: 1,
    tokenEpoch: 0,
    customRoleId: null,
  };
  await recordAgent(deps, trx, agent, null, origin);
  return changed(agent, id);
}

/** Adds a person for seeding; returns the existing person with this e-mail address if there is one. */
export async function seedAgent(
  deps: Deps,
  { trx, actor, origin }: CommandCall<DB>,
  person: NewPerson,
): Promise<Done<Agent>> {
  const agent = newAgent(actor.tenantId, person);
  const existing = await findCredentials(trx, actor.tenantId, agent.email);
  if (existing !== null) return unchanged(existing.agent);
  await recordAgent(deps, trx, agent, person.passwordHash, origin);
  return changed(agent, agent.id);
}
