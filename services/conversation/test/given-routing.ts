import { afterAll, beforeAll, expect } from '@jest/globals';
import { type AgentId, type ConversationId, type TenantId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anAgent, ask } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { createAgent } from '../src/index.ts';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, password, type Workspace } from './given.ts';

export let bench: Bench;
let elapsedMs = 0;
export const now = () => new Date(Date.now() + elapsedMs);

/** The clock of the service goes on. */
export function pass(ms: number): void {
  elapsedMs += ms;
}

/** One running service for all tests of the file that calls it. */
export function useBench(): void {
  beforeAll(async () => {
    bench = await openBench({ now });
  });
  afterAll(() => bench.close());
}

const routingFields =
  'id state phase version assignee { id } team { name } routing { queued { reason team { name } needs { value level } } history { strategy reason agent { id } candidates { agent { id } obstacle } } }';

export async function read(caller: Caller, id: string) {
  const query = `query ($id: ID!) { conversation(id: $id) { ${routingFields} } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { id })).conversation;
}

export async function perform(
  caller: Caller,
  verb: string,
  input: Record<string, unknown>,
  selection: string,
  type = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}Input`,
) {
  const query = `mutation ($input: ${type}!) { ${verb}(input: $input) { ${selection} errors { code path message } } }`;
  const answer = await ask(bench.service.subgraph, caller, query, { input });
  const data: Record<string, unknown> = { ...dataOf(answer) };
  return data[verb] as { readonly errors: { code: string; path: string[]; message: string }[] } & Record<
    string,
    unknown
  >;
}

export interface Person {
  readonly id: AgentId;
  readonly caller: Caller;
}

let people = 0;
export async function givenPerson({ tenantId, slug }: Workspace): Promise<Person> {
  people += 1;
  const who = {
    displayName: `Person ${people}`,
    email: `p${people}@${slug}.example.com`,
    password,
    role: 'agent',
  } as const;
  const { id } = await createAgent(bench.service, tenantId, who);
  return { id, caller: anAgent(tenantId, 'agent', id) };
}

export interface Team extends Workspace {
  readonly teamId: string;
  readonly members: Person[];
}

/** A workspace that routes, with a team of people who are not on duty yet. */
export async function givenTeam(size: number, rules: (teamId: string) => object[] = () => []): Promise<Team> {
  const workspace = await givenWorkspace(bench);
  const members = await Promise.all(Array.from({ length: size }, () => givenPerson(workspace)));
  const input = { name: 'Desk', memberIds: members.map(({ id }) => id) };
  const { team } = await perform(workspace.admin, 'saveTeam', input, 'team { id }');
  const teamId = String((team as { id: string }).id);
  const setting = { isOn: true, rules: rules(teamId), botWaitSeconds: 0, openWithinSeconds: 60, expectedVersion: 0 };
  expect((await perform(workspace.admin, 'saveRouting', setting, 'routing { version }')).errors).toEqual([]);
  return { ...workspace, teamId, members };
}

export const onDuty = (person: Person, isOnDuty = true) =>
  perform(person.caller, 'setDuty', { isOnDuty }, 'duty { isOnDuty used capacity }');
export const capacity = ({ admin }: Workspace, { id }: Person, number: number) =>
  perform(admin, 'setAgentCapacity', { agentId: id, capacity: number }, 'duty { capacity }');
export const skills = ({ admin }: Workspace, { id }: Person, value: string, level: number) =>
  perform(admin, 'setAgentSkills', { agentId: id, skills: [{ kind: 'LANGUAGE', value, level }] }, 'agent { id }');

/** Waits for the next assignment of a conversation by the queue, after as many as there were. */
export async function assignedOf(conversationId: ConversationId, count = 1) {
  const events = await bench.harness.events.count(
    'conversation.changed',
    count,
    ({ aggregateId, data }) => aggregateId === conversationId && data.assignment !== undefined,
  );
  const { data } = events[count - 1] ?? {};
  return { agentId: data?.conversation.assigneeId ?? null, strategy: data?.assignment?.strategy };
}

export const inQueue = async ({ admin, teamId }: Team) => {
  const query = 'query ($teamId: ID!) { queue(teamId: $teamId) { totalCount edges { node { conversation { id } } } } }';
  const { queue } = dataOf(await ask(bench.service.subgraph, admin, query, { teamId }));
  return queue.edges.map(({ node }) => node.conversation.id);
};

export const loadOf = async ({ admin, teamId }: Team) => {
  const query =
    '{ teams { id load { onDutyCount capacity used waitingCount oldestWaitingSince } members { duty { isOnDuty used } } } }';
  const { teams } = dataOf(await ask(bench.service.subgraph, admin, query));
  return teams.find(({ id }) => id === teamId)?.load;
};

export async function writes(tenantId: TenantId, count: number) {
  const all = [];
  for (let index = 0; index < count; index += 1) {
    all.push((await givenInbound(bench, { tenantId, occurredAt: new Date(now().getTime() + index) })).conversationId);
  }
  return all;
}

/** Nothing waits that somebody on duty could take, and the numbers equal a recount. */
export async function expectNothingStranded(tenantId: TenantId): Promise<void> {
  const { db } = bench.service.runtime;
  const { rows } = await db.asWorker((trx) =>
    sql<{ stranded: number; wrong: number }>`
      select
        (select count(*)::int from queue_entry q
          join team_member m on m.tenant_id = q.tenant_id
            and (m.team_id = q.team_id or m.team_id = any(q.spare_team_ids))
          join agent_duty d on d.tenant_id = m.tenant_id and d.agent_id = m.agent_id
          where q.tenant_id = ${tenantId} and d.is_on_duty and d.used < d.capacity and q.needs = '[]' and q.excluded = '[]'
            and not exists (select from routing_wake w where w.tenant_id = q.tenant_id)) as stranded,
        (select count(*)::int from agent_duty d where d.tenant_id = ${tenantId} and d.used <> (
          select count(*) from conversation c where c.tenant_id = d.tenant_id and c.assignee_id = d.agent_id
            and c.phase = 'open' and c.state <> 'handled')) as wrong`.execute(trx),
  );
  expect(rows[0]).toEqual({ stranded: 0, wrong: 0 });
}

/** Two teams, the second one next in the chain of the first; `size` people in each, nobody on duty. */
export async function givenChain(size: number, botWaitSeconds: number) {
  const first = await givenTeam(size);
  const members = await Promise.all(Array.from({ length: size }, () => givenPerson(first)));
  const of = { name: 'Next desk', memberIds: members.map(({ id }) => id) };
  const { team } = await perform(first.admin, 'saveTeam', of, 'team { id }');
  const nextId = String((team as { id: string }).id);
  const rules = [{ name: 'all', teamIds: [first.teamId, nextId] }];
  const setting = { isOn: true, rules, botWaitSeconds, openWithinSeconds: 60, expectedVersion: 1 };
  expect((await perform(first.admin, 'saveRouting', setting, 'routing { version }')).errors).toEqual([]);
  return { first, next: { ...first, teamId: nextId, members } };
}
