import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AgentId,
  type AnyEvent,
  type ConversationId,
  type EventOf,
  type MessageId,
  newId,
  type RuleId,
  type TenantId,
} from '@crossdesk/contracts';
import { type CommandCall, type DueWork, type Outcome, startDueWork } from '@crossdesk/service-kit';
import { anEvent, ask, eventually, openHarness } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { assignConversation, setConversationState } from '../src/conversation/conversation.commands.ts';
import type { DB } from '../src/db.ts';
import { openConversation } from '../src/index.ts';
import { sendMessage } from '../src/message/send-message.commands.ts';
import { type Bench, givenInbound, givenWorkspace, options, type Workspace } from './given.ts';

type Wish = (call: CommandCall<DB>) => Promise<Outcome<unknown, string>>;

/** Has a command carried out by a person, a rule or a timer; resolves with its outcome. */
type Way = (wish: Wish, action: string) => Promise<Outcome<unknown, string>>;

let bench: Bench;
let timer: DueWork;
/** The decisions of the rule, by the event that represents each. */
const decisions = new Map<string, { wish: Wish; action: string; done: (outcome: Outcome<unknown, string>) => void }>();
const dueWishes: {
  tenantId: TenantId;
  wish: Wish;
  action: string;
  done: (outcome: Outcome<unknown, string>) => void;
}[] = [];
const ruleId = newId<RuleId>();
const probeGroup = 'conversation.probe';

beforeAll(async () => {
  const harness = await openHarness();
  const service = await openConversation(harness.deps, options);
  const { commands } = service.runtime;
  service.runtime.consume({
    name: probeGroup,
    on: {
      'automation.message-analysed': async (trx, events) => {
        for (const cause of events) {
          const decided = decisions.get(cause.event.id);
          if (decided !== undefined)
            decided.done(await commands.decided(trx, cause, ruleId, decided.action, decided.wish));
        }
      },
    },
  });
  timer = startDueWork({
    name: 'probe',
    pollMs: 60_000,
    concurrencyMax: 1,
    claim: async (limit) => dueWishes.splice(0, limit),
    work: async ({ tenantId, wish, action, done }) => done(await commands.due(tenantId, action, wish)),
    log: service.runtime.log,
  });
  await service.start();
  bench = {
    harness,
    service,
    close: async () => {
      await timer.stop();
      await service.stop(5_000);
      await harness.close();
    },
  };
});
afterAll(() => bench.close());

function byRule(tenantId: TenantId, conversationId: ConversationId, depth = 2): { way: Way; cause: AnyEvent } {
  const data = {
    conversationId,
    messageId: newId<MessageId>(),
    language: 'en',
    confidence: 1,
    engine: 'probe',
  } as const;
  const cause: EventOf<'automation.message-analysed'> = anEvent('automation.message-analysed', data, {
    tenantId,
    aggregateId: conversationId,
    causationDepth: depth,
  });
  const way: Way = async (wish, action) => {
    const decided = Promise.withResolvers<Outcome<unknown, string>>();
    decisions.set(cause.id, { wish, action, done: decided.resolve });
    await bench.harness.publish(cause);
    const outcome = await decided.promise;
    // By then the consumer's transaction is committed.
    await eventually(async () => expect(await bench.harness.broker.lag(probeGroup, ['automation.analysis'])).toBe(0n));
    return outcome;
  };
  return { way, cause };
}

function byTimer(tenantId: TenantId): Way {
  return (wish, action) => {
    const { promise, resolve } = Promise.withResolvers<Outcome<unknown, string>>();
    dueWishes.push({ tenantId, wish, action, done: resolve });
    timer.nudge();
    return promise;
  };
}

/** Sends the same mutation as people do. Throws on errors, so that its outcome need not be checked. */
async function byMutation({ agent }: Workspace, mutation: string, input: Record<string, unknown>): Promise<void> {
  const type = `${mutation.slice(0, 1).toUpperCase()}${mutation.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { ${mutation}(input: $input) { errors { code } } }`;
  const { data, errors } = await ask(bench.service.subgraph, agent, query, { input });
  expect(errors).toEqual([]);
  expect(data).toEqual({ [mutation]: { errors: [] } });
}

interface Trace {
  readonly conversation: unknown;
  readonly messages: unknown;
  readonly events: unknown;
}

/** A conversation and its history without ids and times: equal after equal changes. */
async function traceOf(tenantId: TenantId, id: ConversationId): Promise<Trace> {
  const { worker } = bench.service.runtime.db;
  const { rows: conversation } = await sql`
    select state, assignee_id, unread_count, waiting_since is null as is_settled, last_message_preview, version, revision
    from conversation where tenant_id = ${tenantId} and id = ${id}`.execute(worker);
  const { rows: messages } = await sql`
    select direction, content, delivery_status from message
    where tenant_id = ${tenantId} and conversation_id = ${id} order by id`.execute(worker);
  const { rows: events } = await sql`
    select envelope->>'type' as type, (envelope->>'aggregateVersion')::int as version,
      envelope->'data'->'conversation'->>'state' as state, envelope->'data'->>'change' as change
    from outbox_event where tenant_id = ${tenantId} and key = ${id} order by seq`.execute(worker);
  return { conversation, messages, events };
}

/** The actors and causes of a conversation's events, except the first, which the buyer's message caused. */
async function causesOf(tenantId: TenantId, id: ConversationId) {
  const { rows } = await sql<Pick<AnyEvent, 'actor' | 'causationId' | 'causationDepth' | 'correlationId'>>`
    select envelope->'actor' as actor, envelope->>'causationId' as "causationId",
      (envelope->>'causationDepth')::int as "causationDepth", envelope->>'correlationId' as "correlationId"
    from outbox_event where tenant_id = ${tenantId} and key = ${id} order by seq offset 1`.execute(
    bench.service.runtime.db.worker,
  );
  return rows;
}

async function auditOf(tenantId: TenantId) {
  const { rows } = await sql`
    select actor_kind, actor_id, action, target_id from audit_entry where tenant_id = ${tenantId} order by seq`.execute(
    bench.service.runtime.db.worker,
  );
  return rows;
}

async function threeConversations(
  tenantId: TenantId,
): Promise<readonly [ConversationId, ConversationId, ConversationId]> {
  const [one, two, three] = [
    await givenInbound(bench, { tenantId }),
    await givenInbound(bench, { tenantId }),
    await givenInbound(bench, { tenantId }),
  ];
  return [one.conversationId, two.conversationId, three.conversationId];
}

const assign =
  (conversationId: ConversationId, agentId: AgentId): Wish =>
  (call) =>
    assignConversation(bench.service.runtime, call, { conversationId, agentId, expectedVersion: null });
const makePending =
  (conversationId: ConversationId): Wish =>
  (call) =>
    setConversationState(bench.service.runtime, call, { conversationId, state: 'pending', expectedVersion: null });
const sendText =
  (conversationId: ConversationId, text: string, clientMutationId: string): Wish =>
  (call) =>
    sendMessage(bench.service.runtime, call, { conversationId, text, clientMutationId, expectedVersion: null });

describe('a person, a rule and a timer', () => {
  test('assign and move conversations alike: same rows, same events, each with who did it and why', async () => {
    const workspace = await givenWorkspace(bench);
    const { tenantId, agentId } = workspace;
    const [asked, decided, due] = await threeConversations(tenantId);
    await byMutation(workspace, 'assignConversation', { conversationId: asked, agentId, expectedVersion: 1 });
    await byMutation(workspace, 'setConversationState', {
      conversationId: asked,
      state: 'PENDING',
      expectedVersion: 2,
    });
    const first = byRule(tenantId, decided);
    expect(await first.way(assign(decided, agentId), 'assignConversation')).toMatchObject({ ok: true, did: decided });
    const second = byRule(tenantId, decided);
    expect(await second.way(makePending(decided), 'setConversationState')).toMatchObject({ ok: true, did: decided });
    const timerWay = byTimer(tenantId);
    expect(await timerWay(assign(due, agentId), 'assignConversation')).toMatchObject({ ok: true, did: due });
    expect(await timerWay(makePending(due), 'setConversationState')).toMatchObject({ ok: true, did: due });

    await bench.harness.events.count('conversation.changed', 6, (event) => event.tenantId === tenantId);
    const trace = await traceOf(tenantId, asked);
    expect(trace.conversation).toMatchObject([{ state: 'pending', assignee_id: agentId, revision: 3 }]);
    expect(await traceOf(tenantId, decided)).toEqual(trace);
    expect(await traceOf(tenantId, due)).toEqual(trace);

    const byAgent = { actor: { kind: 'agent', id: agentId }, causationId: null, causationDepth: 0 };
    expect(await causesOf(tenantId, asked)).toMatchObject([byAgent, byAgent]);
    expect(await causesOf(tenantId, decided)).toEqual(
      [first.cause, second.cause].map(({ id, correlationId }) => ({
        actor: { kind: 'automation', id: ruleId },
        causationId: id,
        causationDepth: 3,
        correlationId,
      })),
    );
    const bySystem = { actor: { kind: 'system', id: null }, causationId: null, causationDepth: 0 };
    expect(await causesOf(tenantId, due)).toMatchObject([bySystem, bySystem]);

    const person = { actor_kind: 'agent', actor_id: agentId, target_id: asked };
    const rule = { actor_kind: 'automation', actor_id: ruleId, target_id: decided };
    const system = { actor_kind: 'system', actor_id: null, target_id: due };
    expect(await auditOf(tenantId)).toEqual(
      [person, rule, system].flatMap((who) => [
        { ...who, action: 'assignConversation' },
        { ...who, action: 'setConversationState' },
      ]),
    );
  });

  test('send replies alike, once per client key; only the reply of a person makes the conversation handled', async () => {
    const workspace = await givenWorkspace(bench);
    const { tenantId } = workspace;
    const [asked, decided, due] = await threeConversations(tenantId);
    const [key, ruleKey, timerKey] = [newId(), newId(), newId()];
    for (let time = 0; time < 2; time += 1) {
      await byMutation(workspace, 'sendMessage', { conversationId: asked, text: 'On its way', clientMutationId: key });
      const byRuleAgain = byRule(tenantId, decided).way(sendText(decided, 'On its way', ruleKey), 'sendMessage');
      expect(await byRuleAgain).toMatchObject({ ok: true, did: time === 0 ? expect.any(String) : null });
      const byTimerAgain = byTimer(tenantId)(sendText(due, 'On its way', timerKey), 'sendMessage');
      expect(await byTimerAgain).toMatchObject({ ok: true, did: time === 0 ? expect.any(String) : null });
    }
    await bench.harness.events.count('conversation.reply-requested', 3, (event) => event.tenantId === tenantId);

    const traces = await Promise.all([asked, decided, due].map((id) => traceOf(tenantId, id)));
    const [trace] = traces;
    expect(traces.map(({ messages }) => messages)).toEqual(traces.map(() => trace?.messages));
    const types = ['conversation.message-added', 'conversation.message-added', 'conversation.reply-requested'];
    // Only a person answers within the deadline of the platform.
    const byPerson = [...types, 'conversation.sla-met'];
    expect(traces.map(({ events }) => events)).toMatchObject(
      [byPerson, types, types].map((all) => all.map((type) => ({ type }))),
    );
    expect(traces.map(({ conversation }) => conversation)).toMatchObject([
      [{ state: 'handled', unread_count: 0, is_settled: true, version: 4 }],
      [{ state: 'unread', unread_count: 1, is_settled: false, version: 3 }],
      [{ state: 'unread', unread_count: 1, is_settled: false, version: 3 }],
    ]);
    const { rows: authors } = await sql`
      select author, agent_id from message where tenant_id = ${tenantId} and direction = 'outbound' order by id`.execute(
      bench.service.runtime.db.worker,
    );
    expect(authors).toEqual([
      { author: 'agent', agent_id: workspace.agentId },
      { author: 'bot', agent_id: null },
      { author: 'system', agent_id: null },
    ]);
    expect(await auditOf(tenantId)).toMatchObject(
      ['agent', 'automation', 'system'].map((actor_kind) => ({ actor_kind, action: 'sendMessage' })),
    );
  });

  test('are refused alike, and nothing is written', async () => {
    const { tenantId } = await givenWorkspace(bench);
    const { conversationId } = await givenInbound(bench, { tenantId });
    const before = await traceOf(tenantId, conversationId);
    const nowhere = newId<ConversationId>();
    const refused = [
      { wish: sendText(conversationId, ' ', newId()), action: 'sendMessage', code: 'INVALID_INPUT' },
      { wish: sendText(nowhere, 'Hello', newId()), action: 'sendMessage', code: 'NOT_FOUND' },
      { wish: assign(conversationId, newId<AgentId>()), action: 'assignConversation', code: 'NOT_FOUND' },
      { wish: makePending(nowhere), action: 'setConversationState', code: 'NOT_FOUND' },
    ];
    for (const { wish, action, code } of refused) {
      for (const way of [byRule(tenantId, conversationId).way, byTimer(tenantId)])
        expect(await way(wish, action)).toMatchObject({ ok: false, errors: [{ code }] });
    }
    expect(await traceOf(tenantId, conversationId)).toEqual(before);
    expect(await auditOf(tenantId)).toEqual([]);
    const { rows } = await sql`select from client_request where tenant_id = ${tenantId}`.execute(
      bench.service.runtime.db.worker,
    );
    expect(rows).toEqual([]);
  });
});

test('a repeated decision is carried out once', async () => {
  const { tenantId, agentId } = await givenWorkspace(bench);
  const { conversationId } = await givenInbound(bench, { tenantId });
  const { way, cause } = byRule(tenantId, conversationId);
  await way(assign(conversationId, agentId), 'assignConversation');
  await bench.harness.publish(cause, cause);
  const behind = byRule(tenantId, conversationId);
  await behind.way(makePending(conversationId), 'setConversationState');
  expect(await auditOf(tenantId)).toMatchObject([{ action: 'assignConversation' }, { action: 'setConversationState' }]);
});
