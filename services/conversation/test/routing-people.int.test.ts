import { expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, newId } from '@crossdesk/contracts';
import { ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { dataOf, givenInbound, givenWorkspace, send } from './given.ts';
import {
  assignedOf,
  bench,
  capacity,
  expectNothingStranded,
  givenChain,
  givenPerson,
  givenTeam,
  inQueue,
  now,
  onDuty,
  pass,
  perform,
  type Person,
  read,
  type Team,
  useBench,
  writes,
} from './given-routing.ts';

useBench();

test('S2-7.1: nobody gets what they may not see, from the queue or by hand, and everybody is told why', async () => {
  const { first, next } = await givenChain(1, 0);
  const [[limited], [other]] = [first.members, next.members];
  if (limited === undefined || other === undefined) throw new Error('no person');
  const [own, foreign] = [newId<ChannelAccountId>(), newId<ChannelAccountId>()];
  const role = { clientMutationId: newId(), name: 'One store', storeIds: [own], reach: 'ALL' };
  const made = (await perform(first.admin, 'saveRole', role, 'role { id }'))['role'] as { id: string };
  const given = { agentId: limited.id, roleId: made.id, expectedVersion: 1 };
  expect((await perform(first.admin, 'assignRole', given, 'agent { id }')).errors).toEqual([]);
  await onDuty(limited);
  const comes = async (accountId: ChannelAccountId) =>
    (await givenInbound(bench, { tenantId: first.tenantId, accountId })).conversationId;
  const [hidden, seen] = [await comes(foreign), await comes(own)];
  // What waits before it does not stand in its way.
  expect(await assignedOf(seen)).toMatchObject({ agentId: limited.id });
  expect(await inQueue(first)).toEqual([hidden]);
  const routes = `query ($id: ID!) { routeCandidates(conversationId: $id) {
    agent { id } reason candidates { agent { id } obstacle } } }`;
  const { routeCandidates } = dataOf(await ask(bench.service.subgraph, first.admin, routes, { id: hidden }));
  expect(routeCandidates).toEqual({
    agent: null,
    reason: 'The role of nobody on duty includes its store.',
    candidates: [{ agent: { id: limited.id }, obstacle: 'NO_STORE' }],
  });
  const { version: expectedVersion } = await read(first.admin, hidden);
  const to = { conversationId: hidden, agentId: limited.id };
  const note = { conversationId: hidden, clientMutationId: newId(), text: 'Look.', mentionedAgentIds: [limited.id] };
  const refused = [
    await perform(first.admin, 'assignConversation', { ...to, expectedVersion }, 'conversation { id }'),
    await perform(
      first.admin,
      'transferConversation',
      { ...to, expectedVersion, reason: 'Yours.' },
      'conversation { id }',
    ),
    await perform(first.admin, 'addConversationMember', to, 'conversation { id }', 'ConversationMemberInput'),
    await perform(first.admin, 'addNote', note, 'note { id }'),
  ];
  expect(refused.map(({ errors }) => errors.map(({ code, path }) => [code, path.at(-1)]))).toEqual([
    [['NOT_FOUND', 'agentId']],
    [['NOT_FOUND', 'agentId']],
    [['NOT_FOUND', 'agentId']],
    [['NOT_FOUND', 'mentionedAgentIds']],
  ]);
  for (const { errors } of refused) expect(errors[0]?.message).toContain('does not include the store');
  // Whoever may see it gets it in the next team of the chain, though the first one has somebody on duty.
  await onDuty(other);
  expect(await assignedOf(hidden)).toMatchObject({ agentId: other.id });
  await perform(other.caller, 'setDuty', { isOnDuty: false, handsOver: false }, 'duty { isOnDuty }');
  // A wider role counts for what waits already.
  const later = await comes(foreign);
  while ((await inQueue(first)).length === 0) await new Promise(setImmediate);
  const wider = { ...role, clientMutationId: newId(), roleId: made.id, expectedVersion: 1, storeIds: null };
  expect((await perform(first.admin, 'saveRole', wider, 'role { id }')).errors).toEqual([]);
  expect(await assignedOf(later)).toMatchObject({ agentId: limited.id });
  await expectNothingStranded(first.tenantId);
});

/** What a person does in a conversation that the queue gave them. */
const acts: Record<string, (person: Person, conversationId: ConversationId) => Promise<unknown>> = {
  markSeen: async (person, conversationId) => {
    const query = 'query ($id: ID!) { conversation(id: $id) { messages(first: 1) { edges { node { id } } } } }';
    const { conversation } = dataOf(await ask(bench.service.subgraph, person.caller, query, { id: conversationId }));
    const upToMessageId = conversation.messages.edges[0]?.node.id;
    return perform(person.caller, 'markSeen', { conversationId, upToMessageId }, 'conversation { id }');
  },
  saveDraft: (person, conversationId) => {
    const draft = { conversationId, text: 'It is', basis: 1, expectedVersion: 0 };
    return perform(person.caller, 'saveDraft', draft, 'draft { version }');
  },
  addNote: (person, conversationId) => {
    const note = { conversationId, clientMutationId: newId(), text: 'I ask the warehouse.' };
    return perform(person.caller, 'addNote', note, 'note { id }');
  },
  sendMessage: (person, conversationId) => send(bench, person.caller, { conversationId, text: 'It is on its way.' }),
};

/** The time to open things passes; the change of somebody's capacity makes the router look at once. */
async function passAndLook(team: Team, person: Person, round: number): Promise<void> {
  pass(61_000);
  await capacity(team, person, 50 + round);
}

const unopenedOf = async ({ id }: Person) => {
  const read = sql<{ unopened: number; is_on_duty: boolean }>`
    select unopened, is_on_duty from agent_duty where agent_id = ${id}`;
  return (await bench.service.runtime.db.asWorker((trx) => read.execute(trx))).rows[0];
};

test('whoever looks, begins to write, notes or answers has opened it, and is there for all they have got', async () => {
  const team = await givenTeam(2);
  const [working, other] = team.members;
  if (working === undefined || other === undefined) throw new Error('no person');
  await onDuty(working);
  const ids = await writes(team.tenantId, 5);
  for (const id of ids) expect(await assignedOf(id)).toMatchObject({ agentId: working.id });
  const [untouched, ...opened] = ids;
  for (const [index, act] of Object.values(acts).entries()) {
    expect(await act(working, opened[index] ?? newId<ConversationId>())).toMatchObject({ errors: [] });
  }
  await onDuty(other);
  await passAndLook(team, other, 1);
  expect(await assignedOf(untouched ?? newId<ConversationId>(), 2)).toMatchObject({ agentId: other.id });
  for (const id of opened) expect((await read(team.admin, id)).assignee.id).toBe(working.id);
  expect(await unopenedOf(working)).toEqual({ unopened: 0, is_on_duty: true });
  await expectNothingStranded(team.tenantId);
});

test('what is not opened goes to somebody else; a burst counts once, and after three times both sides are told', async () => {
  const team = await givenTeam(2);
  const [absent, present] = team.members;
  if (absent === undefined || present === undefined) throw new Error('no person');
  await onDuty(absent);
  const burst = await writes(team.tenantId, 4);
  for (const id of burst) await assignedOf(id);
  await onDuty(present);
  for (const round of [1, 2, 3]) {
    const ids = round === 1 ? burst : await writes(team.tenantId, 1);
    for (const id of ids) expect(await assignedOf(id)).toMatchObject({ agentId: absent.id });
    await passAndLook(team, present, round);
    for (const id of ids) expect(await assignedOf(id, 2)).toMatchObject({ agentId: present.id });
    const isOnDuty = round < 3;
    expect(await unopenedOf(absent)).toEqual({ unopened: isOnDuty ? round : 0, is_on_duty: isOnDuty });
    // What they take over they look at.
    for (const id of ids) expect(await acts['addNote']?.(present, id)).toMatchObject({ errors: [] });
  }
  const query = '{ notifications(first: 20) { edges { node { kind agent { id } } } } me { duty { isOnDuty used } } }';
  const told = { kind: 'PUT_OFF_DUTY', agent: { id: absent.id } };
  for (const caller of [absent.caller, team.admin])
    await eventually(async () => {
      const { notifications } = dataOf(await ask(bench.service.subgraph, caller, query));
      expect(notifications.edges.map(({ node }) => node)).toContainEqual(told);
    });
  const { me } = dataOf(await ask(bench.service.subgraph, absent.caller, query));
  expect(me.duty).toEqual({ isOnDuty: false, used: 0 });
  const { data } = await bench.harness.events.next(
    'conversation.duty-changed',
    (event) => event.data.agentId === absent.id && event.data.reason !== undefined,
  );
  expect(data).toMatchObject({ isOnDuty: false, reason: 'not-opened' });
});

test('a team that a rule names is not archived; the refusal names the rule', async () => {
  const team = await givenTeam(0, (teamId) => [{ name: 'French', languages: ['fr'], teamIds: [teamId] }]);
  const input = { teamId: team.teamId, expectedVersion: 1 };
  const { errors } = await perform(team.admin, 'archiveTeam', input, 'team { id }');
  expect(errors).toMatchObject([{ code: 'IN_USE', path: ['input', 'teamId'] }]);
  expect(errors[0]?.message).toContain('French');
  const setting = { isOn: true, rules: [], expectedVersion: 1 };
  await perform(team.admin, 'saveRouting', setting, 'routing { version }');
  expect((await perform(team.admin, 'archiveTeam', input, 'team { id }')).errors).toEqual([]);
});

test('what waits without any team goes to the first one as soon as there is one', async () => {
  const workspace = await givenWorkspace(bench);
  const setting = { isOn: true, rules: [], botWaitSeconds: 0, expectedVersion: 0 };
  await perform(workspace.admin, 'saveRouting', setting, 'routing { version }');
  const [id] = await writes(workspace.tenantId, 1);
  if (id === undefined) throw new Error('no conversation');
  const person = await givenPerson(workspace);
  await onDuty(person);
  // It has been looked at, in vain: the next look would be in a minute.
  const isLeft = async () => {
    const left = sql<{ found: boolean }>`
      select exists (
        select from queue_entry where conversation_id = ${id} and team_id is null and due_at > ${now()}) as found`;
    return (await bench.service.runtime.db.asWorker((trx) => left.execute(trx))).rows[0]?.found === true;
  };
  while (!(await isLeft())) await new Promise(setImmediate);
  await perform(workspace.admin, 'saveTeam', { name: 'Desk', memberIds: [person.id] }, 'team { id }');
  expect(await isLeft()).toBe(false);
  expect(await assignedOf(id)).toMatchObject({ agentId: person.id });
});
