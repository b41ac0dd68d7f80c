import { type AgentId, newId, type TeamId } from '@crossdesk/contracts';
import { foldedName, spaced } from '@crossdesk/folded-text';
import {
  type CommandCall,
  changed,
  isBlank,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { lookAfter } from '../queue/router-signal.ts';
import type { DB } from '../db.ts';
import { placeAgain, placeStranded, wakeTeams } from '../queue/queue.store.ts';
import { lockTeams, rulesNaming, saveTeam as storeTeam, type Team, teamsByIds } from './team.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

export interface TeamInput {
  /** Null makes a new one. */
  readonly teamId: TeamId | null;
  readonly name: string;
  readonly memberIds: readonly AgentId[];
  readonly expectedVersion: number | null;
}

const nameCharactersMax = 80;
const membersMax = 1_000;
const teamsMax = 200;

type Refusal = 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT';

/** Makes a team, or gives it another name or other members. */
export async function saveTeam(deps: Deps, call: CommandCall<DB>, input: TeamInput): Promise<Outcome<Team, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const teams = await lockTeams(trx, tenantId);
  const name = spaced(input.name);
  const present = teams.find(({ id }) => id === input.teamId);
  if (input.teamId !== null && present === undefined) return noTeam;
  const refusal =
    (present === undefined ? null : refuseVersion(present, input.expectedVersion)) ??
    refuseName(name, teams, input.teamId) ??
    (await refuseMembers(call, input.memberIds));
  if (refusal !== null) return refusal;
  if (present === undefined && teams.length >= teamsMax)
    return refuse('INVALID_INPUT', null, `A workspace has at most ${teamsMax} teams: archive one first.`);
  const memberIds = [...new Set(input.memberIds)].toSorted();
  if (present?.name === name && present.memberIds.join() === memberIds.join()) return unchanged(present);
  const team = {
    tenantId,
    id: present?.id ?? newId<TeamId>(),
    name,
    isArchived: false,
    version: (present?.version ?? 0) + 1,
    memberIds,
  };
  await save(deps, call, team);
  // Somebody new may take what waits here, or where nobody is on duty; what waits here may have nobody any more.
  await placeStranded(trx, { tenantId, agentId: null }, deps.clock.now());
  await wakeTeams(trx, tenantId, [team.id]);
  lookAfter(trx, deps.outbox);
  return changed(team, team.id);
}

/** Ends a team that no routing rule names. What waits there is placed in another one. */
export async function archiveTeam(
  deps: Deps,
  call: CommandCall<DB>,
  { teamId, expectedVersion }: { readonly teamId: TeamId; readonly expectedVersion: number },
): Promise<Outcome<Team, Refusal | 'IN_USE'>> {
  const { trx, actor } = call;
  await lockTeams(trx, actor.tenantId);
  const present = (await teamsByIds(trx, actor.tenantId, [teamId])).get(teamId);
  if (present === undefined) return noTeam;
  if (present.isArchived) return unchanged(present);
  const refusal = refuseVersion(present, expectedVersion);
  if (refusal !== null) return refusal;
  const [rule] = await rulesNaming(trx, actor.tenantId, teamId);
  if (rule !== undefined) return namedBy(rule);
  const team = { ...present, isArchived: true, version: present.version + 1, memberIds: [] };
  await save(deps, call, team);
  await placeAgain(trx, actor.tenantId, [teamId], deps.clock.now());
  lookAfter(trx, deps.outbox);
  return changed(team, team.id);
}

async function save({ outbox, clock }: Deps, { trx, origin }: CommandCall<DB>, team: Team): Promise<void> {
  const aggregate = await storeTeam(trx, team, clock.now());
  const { id: teamId, name, isArchived, memberIds } = team;
  const data = { teamId, name, isArchived, memberIds: [...memberIds] };
  await outbox.append(trx, [{ aggregate, type: 'conversation.team-changed', origin, data }]);
}

function namedBy(rule: string) {
  const message = `The routing rule ${rule} names this team: take it out with saveRouting first.`;
  return refuse('IN_USE', 'teamId', message);
}

function refuseVersion({ version }: Team, expected: number | null) {
  if (expected === version) return null;
  const message = `The team is at version ${version} now: read it again, then decide again.`;
  return refuse('VERSION_CONFLICT', 'expectedVersion', message);
}

function refuseName(name: string, teams: readonly Team[], own: TeamId | null) {
  if (isBlank(name) || name.length > nameCharactersMax)
    return refuse('INVALID_INPUT', 'name', `A team has a name of 1 to ${nameCharactersMax} characters.`);
  const isTaken = teams.some((team) => team.id !== own && foldedName(team.name) === foldedName(name));
  return isTaken ? refuse('INVALID_INPUT', 'name', 'Another team has this name: take another one.') : null;
}

async function refuseMembers({ trx, actor }: CommandCall<DB>, ids: readonly AgentId[]) {
  if (ids.length > membersMax) return refuse('INVALID_INPUT', 'memberIds', `A team has at most ${membersMax} members.`);
  const known = await agentsByIds(trx, actor.tenantId, ids);
  const isPerson = (id: AgentId) => known.get(id)?.kind === 'person' && known.get(id)?.isActive === true;
  return ids.every(isPerson) ? null : noMember;
}

const noMember = refuse(
  'NOT_FOUND',
  'memberIds',
  'One of these is no active person of your workspace: take them from agents.',
);
export const noTeam = refuse(
  'NOT_FOUND',
  'teamId',
  'There is no team with this id in your workspace: take one from teams.',
);
