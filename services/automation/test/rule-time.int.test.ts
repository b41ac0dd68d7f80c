import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ConversationId,
  type CustomerId,
  type EventOf,
  type MessageId,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type AutomationService, openAutomation } from '../src/app.ts';
import {
  aboutOrder,
  assigned,
  botSaid,
  created,
  explanationOf,
  handsOver,
  linked,
  mutate,
  orderIn,
  outcomesIn,
  read,
  said,
} from './rule.support.ts';

let harness: TestHarness;
let automation: AutomationService;

beforeAll(async () => {
  harness = await openHarness();
  automation = await openAutomation(harness.deps);
  await automation.start();
});

afterAll(async () => {
  await automation.stop(5_000);
  await harness.close();
});

async function says(tenantId: TenantId, text: string, conversationId = newId<ConversationId>()) {
  const event = said({ tenantId, conversationId, text });
  const message = {
    tenantId,
    conversationId,
    messageId: event.data.messageId,
    content: { kind: 'text', text },
  } as const;
  await harness.publish(givenMessage(message), event);
  await explanationOf(automation, event);
  return event;
}

/** A message about an order, once both are known here. */
async function asksAbout(
  tenantId: TenantId,
  orderId: OrderId,
  text: string,
): Promise<EventOf<'conversation.message-added'>> {
  const message = await says(tenantId, text);
  await harness.publish(linked(message, newId<CustomerId>(), orderId));
  await explanationOf(automation, message, 2);
  await eventually(async () =>
    expect(
      await rows(sql`select 1 from conversation_facts where tenant_id = ${tenantId}
    and last_inbound_id = ${message.data.messageId}`),
    ).toHaveLength(1),
  );
  return message;
}

const rows = (query: ReturnType<typeof sql>) =>
  automation.runtime.db.asWorker(async (trx) => (await query.execute(trx)).rows);

test('S3-5.2 a shipped order is told once, in its conversation and the language of the buyer', async () => {
  const tenantId = newId<TenantId>();
  const template = await aboutOrder(automation, tenantId);
  const shipped = { leaf: { field: 'order.state', op: 'IN', values: ['SHIPPED'] } };
  const rule = { trigger: 'ORDER', condition: shipped, actions: [{ type: 'REPLY', value: template }] };
  await created(automation, tenantId, rule, 'AUTO');
  const tracked = await aboutOrder(automation, tenantId, 'trackingNumber');
  const second = { ...rule, name: 'tracked', actions: [{ type: 'REPLY', value: tracked }] };
  await created(automation, tenantId, second, 'AUTO');
  const [orderId, other] = [newId<OrderId>(), newId<OrderId>()];
  await harness.publish(orderIn('to_ship', { tenantId, orderId }), orderIn('to_ship', { tenantId, orderId: other }));
  const message = await asksAbout(tenantId, orderId, 'Wann kommt meine Bestellung endlich bei mir an?');
  const at = (state: 'shipped' | 'delivered', version: number) => orderIn(state, { tenantId, orderId, version });
  // Told twice, gone on and back again; and an order that nobody has asked about.
  await harness.publish(orderIn('shipped', { tenantId, orderId: other, version: 2 }));
  await harness.publish(at('shipped', 2), at('shipped', 3), at('delivered', 4), at('shipped', 5));
  const evaluated = await eventually(async () => {
    const found =
      await rows(sql`select facts ->> 'order.state' as state, conversation_id, denials, results from evaluation
      where tenant_id = ${tenantId} and trigger = 'order' order by seq`);
    expect(found).toHaveLength(3);
    return found;
  });
  const { conversationId } = message.data.conversation;
  expect(evaluated).toMatchObject([
    { state: 'shipped', conversation_id: conversationId, results: [{ type: 'reply', code: null }] },
    { state: 'delivered', results: [] },
    { state: 'shipped', results: [{ type: 'reply', code: 'TEMPLATE_NOT_RENDERED' }] },
  ]);
  expect(Object.values((evaluated[2] as { denials: object }).denials)).toEqual(['once']);
  const replies = await harness.events.count('automation.reply-decided', 1, (event) => event.tenantId === tenantId);
  expect(replies.map(({ data }) => [data.purpose, data.conversationId, data.content])).toEqual([
    ['notice', conversationId, { kind: 'text', text: 'Zu O-1.' }],
  ]);
  const [reply] = replies;
  const { decisionId } = reply?.data ?? {};
  const outcome = { decisionId: decisionId ?? newId(), outcome: 'carried-out' as const, code: null };
  const { conversation } = message.data;
  await harness.publish(
    anEvent('conversation.decision-settled', { conversation, ...outcome }, { tenantId, aggregateId: conversationId }),
  );
  await says(tenantId, 'Danke!', conversationId);
  const query = `{ automationRules { edges { node { name statistics {
    acted replies writtenAgain escalated undecided { code count } } } } } }`;
  const nothing = { acted: 0, replies: 0, writtenAgain: 0, escalated: 0, undecided: [] };
  await eventually(async () =>
    expect(await read(automation, tenantId, query)).toMatchObject({
      automationRules: {
        edges: [
          { node: { statistics: { ...nothing, acted: 1, replies: 1, writtenAgain: 1 } } },
          { node: { statistics: { ...nothing, undecided: [{ code: 'TEMPLATE_NOT_RENDERED', count: 1 }] } } },
        ],
      },
    }),
  );
});

test('a rule looks later if nobody has answered, and everything is looked up again then', async () => {
  const tenantId = newId<TenantId>();
  const asks = { leaf: { field: 'message.words', op: 'CONTAINS', values: ['refund'] } };
  const later = { afterMinutes: 60, condition: asks, actions: [{ type: 'ESCALATE', value: 'Nobody has answered' }] };
  await created(automation, tenantId, later, 'AUTO');
  const edited = await created(automation, tenantId, { ...later, name: 'edited' }, 'AUTO');
  const [waiting, answered] = [await says(tenantId, 'refund'), await says(tenantId, 'my refund!')];
  expect(outcomesIn(await explanationOf(automation, waiting))).toEqual([['LATER', 'LATER']]);
  await says(tenantId, 'hello');
  const { conversationId } = answered.data.conversation;
  await harness.publish(said({ tenantId, conversationId, text: 'Done.', direction: 'outbound' }));
  const timers = () => rows(sql`select conversation_id, due_at from rule_timer where tenant_id = ${tenantId}`);
  await eventually(async () =>
    expect(await timers()).toMatchObject(
      [1, 2].map(() => ({ conversation_id: waiting.data.conversation.conversationId })),
    ),
  );
  const change = { ruleId: edited.id, expectedVersion: edited.version, mode: 'SHADOW' };
  expect((await mutate(automation, tenantId, 'setAutomationRuleMode', change)).errors).toEqual([]);

  await rows(sql`update rule_timer set due_at = now() - interval '1 second' where tenant_id = ${tenantId}`);
  // A new time makes the worker look when the next one comes.
  const last = await says(tenantId, 'refund, please');
  expect(outcomesIn(await explanationOf(automation, waiting, 2))).toEqual([
    ['LATER', 'LATER'],
    ['MATCHED', 'OTHER_TRIGGER'],
  ]);
  const decided = await harness.events.count('automation.action-decided', 1, (event) => event.tenantId === tenantId);
  expect(decided.map(({ data, correlationId }) => [data.conversationId, data.action.kind, correlationId])).toEqual([
    [waiting.data.conversation.conversationId, 'escalate', waiting.correlationId],
  ]);
  await eventually(async () =>
    expect(await timers()).toMatchObject(
      [1, 2].map(() => ({ conversation_id: last.data.conversation.conversationId })),
    ),
  );
});

test('nobody has answered while the bot has only said when somebody will', async () => {
  const tenantId = newId<TenantId>();
  await handsOver(automation, tenantId);
  const asks = { leaf: { field: 'message.words', op: 'CONTAINS', values: ['refund'] } };
  const actions = [{ type: 'ESCALATE', value: 'Nobody has answered' }];
  await created(automation, tenantId, { afterMinutes: 60, condition: asks, actions }, 'AUTO');
  const asked = await says(tenantId, 'refund! I want to talk to a human');
  const { conversationId } = asked.data.conversation;
  await harness.publish(linked(asked, newId<CustomerId>(), null));
  const reply = await harness.events.next('automation.reply-decided', (event) => event.tenantId === tenantId);
  expect(reply.data.purpose).toBe('acknowledgement');
  const acknowledged = botSaid(reply);
  const timers = () => rows(sql`select conversation_id from rule_timer where tenant_id = ${tenantId}`);
  await harness.publish(acknowledged);
  await says(tenantId, 'hello?', conversationId);
  expect(await timers()).toEqual([{ conversation_id: conversationId }]);
  // Anything else that the bot writes is an answer.
  const answer = { ...acknowledged.data, messageId: newId<MessageId>() };
  await harness.publish({ ...botSaid(reply), data: answer });
  await says(tenantId, 'thanks', conversationId);
  expect(await timers()).toEqual([]);
});

test('a time that a change began ends when the buyer writes, and begins anew with the next change', async () => {
  const tenantId = newId<TenantId>();
  await created(automation, tenantId, { trigger: 'CONVERSATION', condition: { all: [] }, afterMinutes: 5 }, 'AUTO');
  const conversationId = newId<ConversationId>();
  const anchors = async () =>
    (await rows(sql`select anchor_event_id from rule_timer where tenant_id = ${tenantId}`)).map(
      (row) => (row as { anchor_event_id: string }).anchor_event_id,
    );
  const [first, second, third] = [1, 2, 3].map(() => assigned(tenantId, conversationId));
  if (first === undefined || second === undefined || third === undefined) throw new Error('three changes');
  await harness.publish(first, second);
  await eventually(async () => expect(await anchors()).toEqual([second.id]));
  await says(tenantId, 'hello', conversationId);
  expect(await anchors()).toEqual([]);
  await harness.publish(third);
  await eventually(async () => expect(await anchors()).toEqual([third.id]));
});
