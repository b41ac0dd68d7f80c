import { type AgentId, newId, type RoleId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  makeOnce,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { refusePeopleChange } from '../agent/agent.commands.ts';
import { agentChanged } from '../agent/agent.events.ts';
import { type Agent, agentAggregate, lockPerson, saveCustomRole } from '../agent/agent.store.ts';
import { noPerson } from '../agent/change-agent.commands.ts';
import type { DB } from '../db.ts';
import { leaveStores, placeAllAgain } from '../queue/queue.store.ts';
import { lookAfter } from '../queue/router-signal.ts';
import { changeRole, type CustomRole, readRole, type RoleContent, rolesMax } from './role.domain.ts';
import { roleChanged } from './role.events.ts';
import { isAssigned, lockRoles, removeRole, roleAggregate, rolesByIds, saveRole as storeRole } from './role.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Refusal =
  | 'ALREADY_EXISTS'
  | 'CLIENT_ID_REUSED'
  | 'FORBIDDEN'
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'SIGN_IN_AGAIN'
  | 'VERSION_CONFLICT';

export interface SaveRoleInput extends RoleContent {
  readonly clientMutationId: string;
  /** Null: a new one. */
  readonly roleId: RoleId | null;
  readonly expectedVersion: number | null;
}

/** Makes a role, once per clientMutationId, or changes one. What it limits changes for all who have it. */
export async function saveRole(
  deps: Deps,
  call: CommandCall<DB>,
  input: SaveRoleInput,
): Promise<Outcome<CustomRole, Refusal>> {
  const { trx, actor, origin } = call;
  const refusal = refusePeopleChange(actor, deps.clock.now());
  if (refusal !== null) return refusal;
  const content = readRole(input);
  if (!content.ok) return content;
  const { tenantId } = actor;
  const present = await lockRoles(trx, tenantId);
  const namesake = present.find(({ name }) => name === content.value.name);
  if (input.roleId === null) return createRole(deps, call, input.clientMutationId, content.value, present);
  const role = present.find(({ id }) => id === input.roleId);
  if (role === undefined) return noRole;
  if (namesake !== undefined && namesake.id !== role.id) return nameTaken;
  const decision = changeRole(role, content.value, input.expectedVersion);
  if (!decision.ok) return decision;
  if (decision.value === role) return unchanged(role);
  await storeRole(trx, decision.value);
  await leaveStores(trx, tenantId, { roleId: role.id });
  await routeAnew(deps, call);
  await deps.outbox.append(trx, [roleChanged(roleAggregate(decision.value), decision.value, false, origin)]);
  return changed(decision.value, role.id);
}

function createRole(
  { outbox }: Deps,
  call: CommandCall<DB>,
  clientMutationId: string,
  content: RoleContent,
  present: readonly CustomRole[],
): Promise<Outcome<CustomRole, Refusal>> {
  const { trx, actor, origin } = call;
  return makeOnce<DB, CustomRole, Refusal>(
    call,
    {
      kind: 'role',
      clientMutationId,
      content: [content.name, content.storeIds?.join(' ') ?? null, content.reach, content.withheld.join(' ')],
    },
    {
      find: async (id) => (await rolesByIds(trx, actor.tenantId, [id])).get(id) ?? null,
      decide: async () => {
        if (present.some(({ name }) => name === content.name)) return nameTaken;
        if (present.length >= rolesMax) return tooMany;
        const role: CustomRole = { tenantId: actor.tenantId, id: newId<RoleId>(), ...content, version: 1 };
        const record = async () => {
          await storeRole(trx, role);
          await outbox.append(trx, [roleChanged(roleAggregate(role), role, false, origin)]);
        };
        return accept({ made: role, record });
      },
    },
  );
}

/** Deletes a role that nobody has. */
export async function deleteRole(
  { outbox, clock }: Deps,
  { trx, actor, origin }: CommandCall<DB>,
  roleId: RoleId,
): Promise<Outcome<CustomRole, 'FORBIDDEN' | 'NOT_FOUND' | 'SIGN_IN_AGAIN' | 'IN_USE'>> {
  const refusal = refusePeopleChange(actor, clock.now());
  if (refusal !== null) return refusal;
  const role = (await lockRoles(trx, actor.tenantId)).find(({ id }) => id === roleId);
  if (role === undefined) return noRole;
  if (await isAssigned(trx, role)) return inUse;
  await removeRole(trx, role);
  const last = { ...role, version: role.version + 1 };
  await outbox.append(trx, [roleChanged(roleAggregate(last), last, true, origin)]);
  return changed(role, roleId);
}

export interface AssignRoleInput {
  readonly agentId: AgentId;
  /** Null: no custom role. */
  readonly roleId: RoleId | null;
  readonly expectedVersion: number;
}

/** Gives a person a custom role, or takes it away. It counts for the requests and sockets that they have open. */
export async function assignRole(
  deps: Deps,
  call: CommandCall<DB>,
  { agentId, roleId, expectedVersion }: AssignRoleInput,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'NOT_FOUND' | 'SIGN_IN_AGAIN' | 'VERSION_CONFLICT'>> {
  const { trx, actor, origin } = call;
  const refusal = refusePeopleChange(actor, deps.clock.now());
  if (refusal !== null) return refusal;
  if (agentId === agentOf(actor)) return notOneself;
  const roles = await lockRoles(trx, actor.tenantId);
  if (roleId !== null && !roles.some(({ id }) => id === roleId)) return noRole;
  const locked = await lockPerson(trx, actor.tenantId, agentId);
  if (locked === null) return noPerson;
  if (locked.version !== expectedVersion) return versionConflict(locked);
  if (locked.customRoleId === roleId) return unchanged(locked);
  const agent = { ...locked, customRoleId: roleId, version: locked.version + 1 };
  await saveCustomRole(trx, agent);
  await leaveStores(trx, agent.tenantId, { agentId });
  await routeAnew(deps, call);
  await deps.outbox.append(trx, [agentChanged(agentAggregate(agent), agent, origin)]);
  return changed(agent, agentId);
}

/** What waits may be for others now. */
async function routeAnew({ outbox, clock }: Deps, { trx, actor }: CommandCall<DB>): Promise<void> {
  await placeAllAgain(trx, actor.tenantId, clock.now());
  lookAfter(trx, outbox);
}

function versionConflict({ version }: Agent) {
  const message = `The agent is at version ${version} now: read it again, then decide again.`;
  return refuse('VERSION_CONFLICT', 'expectedVersion', message);
}

const notOneself = refuse('FORBIDDEN', 'agentId', 'Nobody may change their own role: ask another admin.');
const noRole = refuse('NOT_FOUND', 'roleId', 'There is no role with this id in your workspace: take one from roles.');
const nameTaken = refuse('ALREADY_EXISTS', 'name', 'The workspace has a role of this name: take another one.');
const tooMany = refuse('INVALID_INPUT', null, `A workspace has at most ${rolesMax} roles: change one of those.`);
const inUse = refuse('IN_USE', 'roleId', 'Somebody has this role: give them another one first.');
