import { expect, test } from '@jest/globals';
import { type ConversationId, type DecisionId, type MessageId, newId } from '@crossdesk/contracts';
import { anEvent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { recountLoads } from '../src/duty/duty.store.ts';
import { placeDue } from '../src/routing/place.commands.ts';
import { dataOf, givenInbound, send } from './given.ts';
import {
  assignedOf,
  bench,
  capacity,
  expectNothingStranded,
  givenChain,
  givenPerson,
  givenTeam,
  inQueue,
  loadOf,
  now,
  onDuty,
  pass,
  perform,
  read,
  skills,
  useBench,
  writes,
} from './given-routing.ts';

useBench();

test('S2-5.1: what comes is spread evenly over those on duty, each with the way and the reason', async () => {
  const team = await givenTeam(3);
  for (const person of team.members) await onDuty(person);
  const ids = await writes(team.tenantId, 9);
  const owners = await Promise.all(ids.map((id) => assignedOf(id)));
  const shares = Map.groupBy(owners, ({ agentId }) => agentId);
  expect([...shares.values()].map((share) => share.length)).toEqual([3, 3, 3]);
  expect(new Set(owners.map(({ strategy }) => strategy))).toEqual(new Set(['balanced']));
  const [first = ''] = ids;
  const shown = await read(team.admin, first);
  expect(shown).toMatchObject({ state: 'UNREAD', team: { name: 'Desk' }, routing: { queued: null } });
  expect(shown.routing.history).toMatchObject([
    { strategy: 'BALANCED', candidates: [{ obstacle: null }, { obstacle: null }, { obstacle: null }] },
  ]);
  expect(await inQueue(team)).toEqual([]);
  await expectNothingStranded(team.tenantId);
});

test('D18: what waited is given out when somebody comes, what presses first, then what has waited longest', async () => {
  const team = await givenTeam(1);
  const [person] = team.members;
  if (person === undefined) throw new Error('no person');
  await capacity(team, person, 2);
  const [first, second, third] = await writes(team.tenantId, 3);
  if (first === undefined || second === undefined || third === undefined) throw new Error('no conversation');
  // Placing them changes their versions.
  while ((await inQueue(team)).length < 3) await new Promise(setImmediate);
  const { version } = await read(team.admin, third);
  const urgent = { conversationId: third, priority: 'URGENT', expectedVersion: version };
  await perform(team.admin, 'setConversationPriority', urgent, 'conversation { id }');
  await bench.harness.events.next(
    'conversation.changed',
    ({ aggregateId, data }) => aggregateId === third && data.change === 'priority',
  );
  const since = expect.stringMatching(/Z$/);
  const nobody = { onDutyCount: 0, capacity: 0, used: 0, waitingCount: 3, oldestWaitingSince: since };
  await eventually(async () => expect(await loadOf(team)).toEqual(nobody));
  await onDuty(person);
  expect(await assignedOf(third)).toMatchObject({ agentId: person.id });
  expect(await assignedOf(first)).toMatchObject({ agentId: person.id });
  expect(await inQueue(team)).toEqual([second]);
  const busy = { onDutyCount: 1, capacity: 2, used: 2, waitingCount: 1, oldestWaitingSince: since };
  expect(await loadOf(team)).toEqual(busy);
  // Room again: the next one comes.
  await send(bench, person.caller, { conversationId: first, text: 'It is on its way.', clientMutationId: newId() });
  expect(await assignedOf(second)).toMatchObject({ agentId: person.id });
  await expectNothingStranded(team.tenantId);
});

test('S3-2.2: a French buyer waits for somebody who speaks it well enough, until that no longer matters', async () => {
  const french = (teamId: string) => [
    {
      name: 'French',
      languages: ['fr'],
      teamIds: [teamId],
      buyerLanguageLevel: 3,
      buyerLanguageRelaxAfterSeconds: 300,
    },
  ];
  const team = await givenTeam(2, french);
  const [beginner, native] = team.members;
  if (beginner === undefined || native === undefined) throw new Error('no person');
  await skills(team, beginner, 'fr', 2);
  for (const wrong of ['Frensh', 'french', 'xx', ' '])
    expect((await skills(team, beginner, wrong, 2)).errors).toMatchObject([
      { code: 'INVALID_INPUT', path: ['input', 'skills'] },
    ]);
  const odd = { name: 'Odd', languages: ['french'], teamIds: [team.teamId] };
  const setting = { isOn: true, rules: [odd], expectedVersion: 1 };
  expect((await perform(team.admin, 'saveRouting', setting, 'routing { version }')).errors).toMatchObject([
    { code: 'INVALID_INPUT', path: ['input', 'rules.0'] },
  ]);
  await skills(team, native, 'FR', 5);
  const [spoken, relaxed] = await writes(team.tenantId, 2);
  if (spoken === undefined || relaxed === undefined) throw new Error('no conversation');
  for (const conversationId of [spoken, relaxed]) {
    const found = {
      conversationId,
      messageId: newId<MessageId>(),
      language: 'fr-CA',
      confidence: 0.99,
      engine: 'test-1',
      intents: [],
    };
    await bench.harness.publish(
      anEvent('automation.message-analysed', found, { tenantId: team.tenantId, aggregateId: conversationId }),
    );
    await bench.harness.events.next(
      'conversation.changed',
      ({ aggregateId, data }) => aggregateId === conversationId && data.change === 'classified',
    );
  }
  await onDuty(beginner);
  const candidates = dataOf(
    await ask(
      bench.service.subgraph,
      team.admin,
      'query ($id: ID!) { routeCandidates(conversationId: $id) { rule reason agent { id } needs { value level } candidates { obstacle } } }',
      { id: spoken },
    ),
  ).routeCandidates;
  expect(candidates).toEqual({
    rule: 'French',
    reason: 'Nobody on duty can do what is needed.',
    agent: null,
    needs: [{ value: 'fr-ca', level: 3 }],
    candidates: [{ obstacle: 'NO_SKILL' }],
  });
  await capacity(team, native, 1);
  await onDuty(native);
  expect(await assignedOf(spoken)).toEqual({ agentId: native.id, strategy: 'specialist' });
  pass(300_001);
  expect(await assignedOf(relaxed)).toEqual({ agentId: beginner.id, strategy: 'balanced' });
});

test('S1-4.4: of many who take the same conversations at once, each gets those that nobody else has', async () => {
  const team = await givenTeam(10);
  const ids = await writes(team.tenantId, 20);
  const claims = ids.flatMap((conversationId) => team.members.map((person) => ({ conversationId, person })));
  const answers = await Promise.all(
    claims.map(async ({ conversationId, person }) => ({
      conversationId,
      person,
      answer: await perform(person.caller, 'claimConversation', { conversationId }, 'conversation { assignee { id } }'),
    })),
  );
  const won = answers.filter(({ answer }) => answer.errors.length === 0);
  expect(won).toHaveLength(ids.length);
  for (const { conversationId, person } of won) {
    const shown = await read(team.admin, conversationId);
    expect(shown.assignee.id).toBe(person.id);
    expect(shown.routing.history).toMatchObject([{ strategy: 'CLAIMED', agent: { id: person.id } }]);
  }
  const lost = answers.filter(({ answer }) => answer.errors.length > 0);
  expect(new Set(lost.map(({ answer }) => answer.errors[0]?.code))).toEqual(new Set(['ALREADY_TAKEN']));
  // Whoever was slower sees who has it.
  const winners = new Map(won.map(({ conversationId, person }) => [conversationId, person.id]));
  for (const { conversationId, answer } of lost)
    expect(answer['conversation']).toEqual({ assignee: { id: winners.get(conversationId) } });
  await expectNothingStranded(team.tenantId);
});

test('S2-5.4: at the end of a shift what is owed goes to others, with a note about where it stands', async () => {
  const team = await givenTeam(2);
  const [leaving, staying] = team.members;
  if (leaving === undefined || staying === undefined) throw new Error('no person');
  await onDuty(leaving);
  const [owed, answered] = await writes(team.tenantId, 2);
  if (owed === undefined || answered === undefined) throw new Error('no conversation');
  for (const id of [owed, answered]) expect(await assignedOf(id)).toMatchObject({ agentId: leaving.id });
  await send(bench, leaving.caller, { conversationId: answered, text: 'Done.', clientMutationId: newId() });
  await onDuty(staying);
  await onDuty(leaving, false);
  expect(await assignedOf(owed, 2)).toMatchObject({ agentId: staying.id });
  const query = 'query ($id: ID!) { conversation(id: $id) { notes { edges { node { text author { id } } } } } }';
  const { conversation } = dataOf(await ask(bench.service.subgraph, team.admin, query, { id: owed }));
  expect(conversation.notes.edges).toHaveLength(1);
  expect(conversation.notes.edges[0]?.node.text).toContain('Last message: Where is my parcel?');
  const past = `query ($id: ID!) { conversation(id: $id) { timeline { edges { node { kind actor { kind }
    changes { field afterTeam { name } } } } } } }`;
  const { timeline } = dataOf(await ask(bench.service.subgraph, team.admin, past, { id: owed })).conversation;
  const entries = timeline.edges.map(({ node }) => node);
  expect(entries.find(({ kind }) => kind === 'NOTE')?.actor).toEqual({ kind: 'SYSTEM' });
  expect(entries.flatMap(({ changes }) => changes)).toContainEqual({ field: 'TEAM', afterTeam: { name: 'Desk' } });
  expect((await read(team.admin, answered)).assignee.id).toBe(leaving.id);
  await expectNothingStranded(team.tenantId);
});

test('S1-4.8: a lead spreads what has waited longest and was not read over those with room', async () => {
  const team = await givenTeam(2);
  const [full, free] = team.members;
  if (full === undefined || free === undefined) throw new Error('no person');
  await onDuty(full);
  const ids = await writes(team.tenantId, 6);
  for (const id of ids) await assignedOf(id);
  await onDuty(free);
  const answer = await perform(team.admin, 'rebalanceQueue', { teamId: team.teamId }, 'moved');
  expect(answer).toMatchObject({ moved: 3, errors: [] });
  const moved = await Promise.all(ids.slice(0, 3).map((id) => assignedOf(id, 2)));
  expect(moved.map(({ agentId }) => agentId)).toEqual([free.id, free.id, free.id]);
  expect(await perform(full.caller, 'rebalanceQueue', { teamId: team.teamId }, 'moved').catch(String)).toContain(
    'FORBIDDEN',
  );
  await expectNothingStranded(team.tenantId);
});

test('a person takes the next one and gives it back; the queue does not return it to them', async () => {
  const team = await givenTeam(2);
  const [one, other] = team.members;
  if (one === undefined || other === undefined) throw new Error('no person');
  const [id] = await writes(team.tenantId, 1);
  if (id === undefined) throw new Error('no conversation');
  const waiting = async () => (await read(team.admin, id)).routing.queued;
  while ((await waiting())?.team === null) await new Promise(setImmediate);
  const next = 'mutation { claimNextConversation { conversation { id assignee { id } } errors { code } } }';
  const taken = dataOf(await ask(bench.service.subgraph, one.caller, next)).claimNextConversation;
  expect(taken).toEqual({ conversation: { id, assignee: { id: one.id } }, errors: [] });
  const none = dataOf(await ask(bench.service.subgraph, other.caller, next)).claimNextConversation;
  expect(none).toEqual({ conversation: null, errors: [] });
  await onDuty(one);
  expect(
    (await perform(other.caller, 'declineConversation', { conversationId: id }, 'conversation { id }')).errors,
  ).toMatchObject([{ code: 'FORBIDDEN' }]);
  await perform(one.caller, 'declineConversation', { conversationId: id }, 'conversation { id }');
  expect(await waiting()).toMatchObject({ reason: 'DECLINED' });
  await onDuty(other);
  expect(await assignedOf(id, 2)).toMatchObject({ agentId: other.id });
});

test('the bot has its time; what it answers waits for nobody, what it leaves to people is routed at once', async () => {
  const team = await givenTeam(1);
  const [person] = team.members;
  if (person === undefined) throw new Error('no person');
  const setting = { isOn: true, rules: [], botWaitSeconds: 600, expectedVersion: 1 };
  await perform(team.admin, 'saveRouting', setting, 'routing { version }');
  await onDuty(person);
  const [answered, left] = await writes(team.tenantId, 2);
  if (answered === undefined || left === undefined) throw new Error('no conversation');
  const decided = {
    decisionId: newId<DecisionId>(),
    conversationId: answered,
    messageId: newId<MessageId>(),
    content: { kind: 'text', text: 'It arrives on Friday.' },
    purpose: 'answer',
    basedOnVersion: 1,
    rule: null,
    template: null,
  } as const;
  const of = (conversationId: ConversationId) => ({ tenantId: team.tenantId, aggregateId: conversationId });
  await bench.harness.publish(anEvent('automation.reply-decided', { ...decided }, of(answered)));
  await bench.harness.events.next('conversation.decision-settled', ({ aggregateId }) => aggregateId === answered);
  expect((await read(team.admin, answered)).routing.queued).toBeNull();
  const handed = { conversationId: left, messageId: newId<MessageId>(), reason: 'WANTS_PERSON', promisedBy: null };
  await bench.harness.publish(anEvent('automation.handover-decided', handed, of(left)));
  expect(await assignedOf(left)).toMatchObject({ agentId: person.id });
  expect((await read(team.admin, answered)).assignee).toBeNull();
});

test('two workspaces with a conversation of the same id are placed each by its own', async () => {
  const teams = [await givenTeam(0), await givenTeam(0)];
  const setting = { isOn: true, rules: [], botWaitSeconds: 60, expectedVersion: 1 };
  for (const { admin } of teams) await perform(admin, 'saveRouting', setting, 'routing { version }');
  const conversationId = newId<ConversationId>();
  for (const { tenantId } of teams) await givenInbound(bench, { tenantId, conversationId });
  // Both are due now, and are placed together.
  pass(61_000);
  for (const { tenantId, teamId } of teams) {
    const { data } = await bench.harness.events.next(
      'conversation.changed',
      (event) => event.tenantId === tenantId && event.data.change === 'team',
    );
    expect(data.conversation.teamId).toBe(teamId);
  }
});

test('whoever comes while a conversation is being placed in a team without anybody gets it', async () => {
  const { first, next } = await givenChain(1, 600);
  const [person] = next.members;
  const [id] = await writes(first.tenantId, 1);
  if (person === undefined || id === undefined) throw new Error('nothing to place');
  const { db, outbox } = bench.service.runtime;
  const later = { now: () => new Date(now().getTime() + 600_001) };
  const [placed, comingWaits] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // The service itself gives the bot its time: only this transaction places.
  const placing = db.asWorker(async (trx) => {
    await placeDue({ outbox, clock: later }, trx, 100);
    placed.resolve();
    await comingWaits.promise;
  });
  await placed.promise;
  const coming = onDuty(person);
  let hasCome = false;
  void coming.then(() => {
    hasCome = true;
  });
  const waits = () =>
    db.asWorker(async (trx) => {
      const { rows } = await sql`select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(trx);
      return rows.length > 0;
    });
  while (!hasCome && !(await waits())) await new Promise(setImmediate);
  comingWaits.resolve();
  await placing;
  expect((await coming).errors).toEqual([]);
  expect(await assignedOf(id)).toMatchObject({ agentId: person.id });
  expect((await read(first.admin, id)).team).toEqual({ name: 'Next desk' });
});

test('D17: what a full team cannot take goes to whoever has room in the others of the chain, and nobody gets too much', async () => {
  const { first, next } = await givenChain(1, 0);
  const [[busy], [free]] = [first.members, next.members];
  if (busy === undefined || free === undefined) throw new Error('no person');
  for (const person of [busy, free]) await capacity(first, person, 1);
  await onDuty(busy);
  await onDuty(free);
  const [own, spare] = await writes(first.tenantId, 2);
  if (own === undefined || spare === undefined) throw new Error('no conversation');
  const owners = [await assignedOf(own), await assignedOf(spare)].map(({ agentId }) => agentId);
  expect(new Set(owners)).toEqual(new Set([busy.id, free.id]));
  const [ofBusy, ofFree] = owners[0] === busy.id ? [own, spare] : [spare, own];
  expect((await read(first.admin, ofFree)).team).toEqual({ name: 'Next desk' });
  // Both are full: what comes now waits in the first, for whoever has room first.
  const [third] = await writes(first.tenantId, 1);
  if (third === undefined) throw new Error('no conversation');
  while (!(await inQueue(first)).includes(third)) await new Promise(setImmediate);
  await expectNothingStranded(first.tenantId);
  await send(bench, free.caller, { conversationId: ofFree, text: 'Done.', clientMutationId: newId() });
  expect(await assignedOf(third)).toMatchObject({ agentId: free.id });
  // The buyer whom the busy one answers comes back to them, but not beyond what they can take.
  await send(bench, busy.caller, { conversationId: ofBusy, text: 'Done.', clientMutationId: newId() });
  const [other] = await writes(first.tenantId, 1);
  if (other === undefined) throw new Error('no conversation');
  expect(await assignedOf(other)).toMatchObject({ agentId: busy.id });
  const { version } = await read(first.admin, ofBusy);
  const nobody = { conversationId: ofBusy, agentId: null, expectedVersion: version };
  await perform(first.admin, 'assignConversation', nobody, 'conversation { id }');
  await givenInbound(bench, { tenantId: first.tenantId, conversationId: ofBusy, occurredAt: now() });
  while (!(await inQueue(first)).includes(ofBusy)) await new Promise(setImmediate);
  await expectNothingStranded(first.tenantId);
  const query = 'mutation { claimNextConversation { conversation { id } errors { code message } } }';
  const asked = async () => dataOf(await ask(bench.service.subgraph, busy.caller, query)).claimNextConversation;
  const refused = await asked();
  expect(refused).toMatchObject({ conversation: null, errors: [{ code: 'NO_ROOM' }] });
  expect(refused.errors[0]?.message).toContain('1 of the 1');
  await send(bench, busy.caller, { conversationId: other, text: 'Done.', clientMutationId: newId() });
  expect(await assignedOf(ofBusy, 2)).toEqual({ agentId: busy.id, strategy: 'sticky' });
  await expectNothingStranded(first.tenantId);
});

test('what waits in a team that everybody leaves goes on to the next one of the chain', async () => {
  const { first, next } = await givenChain(1, 0);
  const [[full], [free]] = [first.members, next.members];
  if (full === undefined || free === undefined) throw new Error('no person');
  for (const person of [full, free]) await capacity(first, person, 0);
  await onDuty(full);
  await onDuty(free);
  const [id] = await writes(first.tenantId, 1);
  if (id === undefined) throw new Error('no conversation');
  while ((await inQueue(first)).length === 0) await new Promise(setImmediate);
  await onDuty(full, false);
  while ((await inQueue(next)).length === 0) await new Promise(setImmediate);
  await capacity(first, free, 1);
  expect(await assignedOf(id)).toMatchObject({ agentId: free.id });
  // Without anybody in either, it waits until a team gets somebody who is on duty.
  await onDuty(free, false);
  const [other] = await writes(first.tenantId, 1);
  if (other === undefined) throw new Error('no conversation');
  while ((await inQueue(first)).length === 0) await new Promise(setImmediate);
  const roamer = await givenPerson(first);
  await onDuty(roamer);
  const { teams } = dataOf(await ask(bench.service.subgraph, first.admin, '{ teams { id version } }'));
  const version = teams.find((team) => team.id === next.teamId)?.version;
  const of = { teamId: next.teamId, name: 'Next desk', memberIds: [roamer.id], expectedVersion: version };
  expect((await perform(first.admin, 'saveTeam', of, 'team { id }')).errors).toEqual([]);
  expect(await assignedOf(other)).toMatchObject({ agentId: roamer.id });
  await expectNothingStranded(first.tenantId);
});

test('a recount mends what a fault left in the work that somebody has', async () => {
  const team = await givenTeam(1);
  const [person] = team.members;
  if (person === undefined) throw new Error('no person');
  await onDuty(person);
  for (const id of await writes(team.tenantId, 2)) await assignedOf(id);
  const { db } = bench.service.runtime;
  await db.asWorker((trx) => sql`update agent_duty set used = 7 where agent_id = ${person.id}`.execute(trx));
  await db.asWorker(recountLoads);
  const { me } = dataOf(await ask(bench.service.subgraph, person.caller, '{ me { duty { used } } }'));
  expect(me.duty.used).toBe(2);
});
