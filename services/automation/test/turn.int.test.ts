import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type ConversationId,
  type CustomerId,
  type DecisionId,
  type EventData,
  type EventOf,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type AutomationService, openAutomation } from '../src/app.ts';
import * as support from './rule.support.ts';

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

const setPolicy = `mutation ($input: SetAutomationPolicyInput!) { setAutomationPolicy(input: $input) {
  policy { mode waitSeconds answersPerDayMax version answers { intent template { key } } handOver { promised: answerWithinMinutes } }
  errors { code path } } }`;

async function policyOf(tenantId: TenantId, input: object): Promise<void> {
  const all = { mode: 'AUTO', waitSeconds: 0, expectedVersion: 0, ...input };
  const answer = await support.read(automation, tenantId, setPolicy, { input: all }, 'supervisor');
  expect(answer).toMatchObject({ setAutomationPolicy: { errors: [], policy: { version: all.expectedVersion + 1 } } });
}

async function templateOf(tenantId: TenantId, key: string, text: string, type: Record<string, string> = {}) {
  const variables = Object.entries(type).map(([name, kind]) => ({ name, type: kind }));
  const variants = [
    { locale: 'en', text },
    { locale: 'es', text: `[es] ${text}` },
  ];
  const input = { key, name: key, situation: 'OTHER', variables, fallbackLocales: ['en'], variants };
  const query = `mutation ($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } errors { message } } }`;
  const answer = await support.read(automation, tenantId, query, { input }, 'supervisor');
  return (answer as { upsertTemplate: { template: { id: string } } }).upsertTemplate.template.id;
}

const onItsWay = (tenantId: TenantId) =>
  templateOf(tenantId, 'shipped', 'Order {orderNumber} is on its way.', { orderNumber: 'TEXT' });

function orderOf(tenantId: TenantId, state: EventData<'ingest.order-updated'>['state']) {
  const now = new Date().toISOString();
  const orderId = newId<OrderId>();
  const nothing = { buyerExternalId: null, buyerName: null, total: null, recipient: null, items: [], shipments: [] };
  return anEvent(
    'ingest.order-updated',
    {
      ...{ orderId, accountId: newId(), channel: 'shopee', externalOrderId: 'O-77', state, platformState: state },
      ...{ ...nothing, placedAt: now, platformUpdatedAt: now },
    },
    { tenantId, aggregateId: orderId },
  );
}

type Added = EventOf<'conversation.message-added'>;

/** A conversation whose events have growing versions, as the conversation service publishes them. */
function conversation(tenantId: TenantId, changes: { readonly lastMessageAt?: string } = {}) {
  const conversationId = newId<ConversationId>();
  let version = 0;
  const next = <E extends Added | EventOf<'conversation.changed'>>(event: E): E => {
    version += 1;
    return { ...event, aggregateVersion: version };
  };
  return {
    id: conversationId,
    /** What the buyer writes, all at once. */
    async says(...texts: string[]): Promise<Added> {
      const events = texts.map((text) => next(support.said({ tenantId, conversationId, text, conversation: changes })));
      const received = events.map(({ data }) => {
        const content = { kind: 'text', text: data.text ?? '' } as const;
        return givenMessage({ tenantId, conversationId, messageId: data.messageId, content });
      });
      await harness.publish(...received, ...events);
      return events.at(-1) as Added;
    },
    /** What the buyer wrote at a time, as a platform tells it later. */
    async saidAt(occurredAt: string, text: string): Promise<Added> {
      const event = { ...next(support.said({ tenantId, conversationId, text })), occurredAt };
      const content = { kind: 'text', text } as const;
      const { messageId } = event.data;
      await harness.publish(givenMessage({ tenantId, conversationId, messageId, content }), event);
      return event;
    },
    /** A bare number, which the conversation service took for the answer of a survey. */
    async scores(score: number): Promise<Added> {
      const { data, ...event } = next(support.said({ tenantId, conversationId, text: String(score) }));
      const answer = { ...event, data: { ...data, answers: { decisionId: newId<DecisionId>(), score } } };
      await harness.publish(answer);
      return answer;
    },
    /** What a person of the shop writes. */
    async answers(state: 'handled' | 'pending', lastMessageAt?: string): Promise<void> {
      const at = lastMessageAt === undefined ? {} : { lastMessageAt };
      const given = { tenantId, conversationId, text: 'I look into it', direction: 'outbound' } as const;
      await harness.publish(next(support.said({ ...given, conversation: { ...at, state } })));
    },
    /** The conversation service writes what was decided. */
    async bot(reply: EventOf<'automation.reply-decided'>): Promise<void> {
      await harness.publish(next(support.botSaid(reply)));
    },
    async refuses(decisionId: DecisionId, code: string): Promise<void> {
      const { data, ...event } = support.assigned(tenantId, conversationId);
      version += 1;
      const told = { conversation: data.conversation, decisionId, outcome: 'refused' as const, code };
      const settled = anEvent('conversation.decision-settled', told, { tenantId, aggregateId: event.aggregateId });
      await harness.publish({ ...settled, aggregateVersion: version });
    },
    async assign(assigneeId: AgentId | null): Promise<void> {
      const event = support.assigned(tenantId, conversationId);
      const changed = { ...event.data, conversation: { ...event.data.conversation, assigneeId } };
      await harness.publish(next({ ...event, data: changed }));
    },
    /** Crm has looked for the order; resolves when that is known here. */
    async link(order: EventOf<'ingest.order-updated'> | null, linkVersion = 1): Promise<void> {
      const cause = support.said({ tenantId, conversationId, text: null });
      const told = support.linked(cause, newId<CustomerId>(), order?.data.orderId ?? null);
      await harness.publish(...(order === null ? [] : [order]), { ...told, aggregateVersion: linkVersion });
      await eventually(async () => {
        const { rows } = await sql`
          select from conversation_order c left join order_facts o on o.tenant_id = c.tenant_id and o.order_id = c.order_id
          where c.tenant_id = ${tenantId} and c.conversation_id = ${conversationId} and c.version = ${linkVersion}
            and (c.order_id is null or o.order_id is not null)`.execute(automation.runtime.db.worker);
        expect(rows).toHaveLength(1);
      });
    },
  };
}

interface Verdict {
  readonly code: string;
  readonly messageIds: readonly string[];
  readonly intent: string | null;
}

const explanation = `query ($id: ID!) { explainAutomation(messageId: $id) { turns { code message messageIds intent
  template { key } decision { kind purpose outcome text locale } } } }`;

/** What became of the turn of a message, once there are so many verdicts. */
function verdictsOn({ tenantId, data }: Added, count = 1): Promise<Verdict[]> {
  return eventually(async () => {
    const answer = await support.read(automation, tenantId, explanation, { id: data.messageId });
    const found = (answer as { explainAutomation: { turns: Verdict[] } | null }).explainAutomation?.turns ?? [];
    expect(found).toHaveLength(count);
    return found;
  });
}

const replies = (tenantId: TenantId) =>
  harness.events
    .of('automation.reply-decided')
    .filter((event) => event.tenantId === tenantId)
    .map(({ data }) => [data.purpose, data.content.kind === 'text' ? data.content.text : '']);

async function standing(tenantId: TenantId, id: ConversationId) {
  const query = `query ($id: ID!) { _entities(representations: [{ __typename: "Conversation", id: $id }]) {
    ... on Conversation { handledBy handOver { reason promisedBy } } } }`;
  const answer = await support.read(automation, tenantId, query, { id });
  return (answer['_entities'] as unknown[])[0];
}

test('S1-2.1 S5-1.1 D40: a burst about an order has one answer, from the order, in the language of the buyer', async () => {
  const tenantId = newId<TenantId>();
  await policyOf(tenantId, {
    answers: [{ intent: 'ORDER_STATUS', orderStates: ['shipped'], templateId: await onItsWay(tenantId) }],
    waitSeconds: 1,
  });
  const order = orderOf(tenantId, 'shipped');
  const talk = conversation(tenantId);
  await talk.link(order);
  const last = await talk.says('¡Hola!', '¿Dónde está mi pedido?', 'Todavía no ha llegado mi pedido, ¿dónde está?');
  const [verdict] = await verdictsOn(last);
  expect(verdict).toMatchObject({
    ...{ code: 'ANSWERED', intent: 'ORDER_STATUS', template: { key: 'shipped' } },
    decision: { kind: 'REPLY', purpose: 'ANSWER', outcome: null, locale: 'es', text: '[es] Order O-77 is on its way.' },
  });
  expect(verdict?.messageIds).toHaveLength(3);
  expect(replies(tenantId)).toEqual([['answer', '[es] Order O-77 is on its way.']]);
  const reply = await harness.events.next('automation.reply-decided', (event) => event.tenantId === tenantId);
  expect(reply).toMatchObject({
    ...{ causationId: last.id, correlationId: last.correlationId, causationDepth: last.causationDepth + 1 },
    data: { basedOnVersion: last.aggregateVersion, rule: null },
  });
  // What was told twice is answered once.
  await harness.publish(last);
  const other = await talk.says('Thank you so much!');
  expect(await verdictsOn(other)).toMatchObject([{ code: 'NO_ANSWER_NEEDED' }]);
  expect(replies(tenantId)).toHaveLength(1);
});

test('the answer of a survey starts no turn, and the next message does', async () => {
  const tenantId = newId<TenantId>();
  await policyOf(tenantId, {});
  const talk = conversation(tenantId);
  await talk.link(null);
  const answer = await talk.scores(5);
  const words = await talk.says('Where is my order?');
  const [verdict] = await verdictsOn(words);
  expect(verdict?.messageIds).toEqual([words.data.messageId]);
  expect(await verdictsOn(answer, 0)).toEqual([]);
});

test('S4-2.2: who asks for a person is told when, and comes first; the machine is silent from then on', async () => {
  const tenantId = newId<TenantId>();
  const text = 'A colleague answers within {promisedHours, plural, one {# hour} other {# hours}}.';
  const ack = await templateOf(tenantId, 'ack', text, { promisedHours: 'NUMBER' });
  await policyOf(tenantId, { handOver: { templateId: ack, answerWithinMinutes: 90 } });
  const talk = conversation(tenantId);
  await talk.link(null);
  const first = await talk.says('I want to talk to a human');
  expect(await verdictsOn(first)).toMatchObject([{ code: 'WANTS_PERSON', message: 'The buyer asks for a person.' }]);
  const action = await harness.events.next('automation.action-decided', (event) => event.tenantId === tenantId);
  const note = 'The buyer asks for a person.';
  expect(action.data.action).toEqual({ kind: 'escalate', priority: 'high', agentId: null, note });
  const told = await harness.events.next('automation.handover-decided', (event) => event.tenantId === tenantId);
  expect(told.data).toMatchObject({ conversationId: talk.id, reason: 'WANTS_PERSON' });
  const promisedBy = told.data.promisedBy;
  expect(Date.parse(promisedBy ?? '') - Date.now()).toBeGreaterThan(80 * 60_000);
  expect(await standing(tenantId, talk.id)).toEqual({
    handledBy: 'WAITING',
    handOver: { reason: 'WANTS_PERSON', promisedBy },
  });
  const second = await talk.says('Hello?? a human please');
  expect(await verdictsOn(second)).toMatchObject([{ code: 'WAITS_FOR_PERSON' }]);
  expect(replies(tenantId)).toEqual([['acknowledgement', 'A colleague answers within 2 hours.']]);
});

test('S5-4.3: a person who spoke or was assigned has the conversation until they give it back or a new exchange begins', async () => {
  const tenantId = newId<TenantId>();
  const template = await templateOf(tenantId, 'invoice', 'We send it with the parcel.');
  await policyOf(tenantId, { answers: [{ intent: 'INVOICE', templateId: template }], answersPerDayMax: 9 });
  const dayAgo = new Date(Date.now() - 25 * 3_600_000).toISOString();
  const talk = conversation(tenantId);
  await talk.answers('pending');
  await talk.link(null);
  const first = await talk.says('Can you send me an invoice please?');
  expect(await verdictsOn(first)).toMatchObject([{ code: 'HELD_BY_PERSON' }]);
  expect(await standing(tenantId, talk.id)).toEqual({ handledBy: 'HUMAN', handOver: null });

  const giveBack = (asker: TenantId, id: string) =>
    support.read(
      automation,
      asker,
      `mutation ($id: ID!) { returnToBot(input: { conversationId: $id }) { conversation { handledBy } errors { code } } }`,
      { id },
    );
  expect(await giveBack(newId(), talk.id)).toMatchObject({ returnToBot: { errors: [{ code: 'NOT_FOUND' }] } });
  const back = { returnToBot: { conversation: { handledBy: 'BOT' }, errors: [] } };
  expect(await giveBack(tenantId, talk.id)).toEqual(back);
  expect(await giveBack(tenantId, talk.id)).toEqual(back);
  const second = await talk.says('I need an invoice, please send an invoice');
  expect(await verdictsOn(second)).toMatchObject([{ code: 'ANSWERED' }]);
  await talk.assign(newId<AgentId>());
  const third = await talk.says('Please send me the invoice');
  expect(await verdictsOn(third)).toMatchObject([{ code: 'HELD_BY_PERSON' }]);

  // Handled, and a day of silence: whoever answered then need not be there now.
  const old = conversation(tenantId);
  await old.answers('handled', dayAgo);
  await old.link(null);
  const fresh = await old.says('Can you send me an invoice please?');
  expect(await verdictsOn(fresh)).toMatchObject([{ code: 'ANSWERED' }]);
});

test('the order is asked for once; when it is found the question is answered; the same again is for a person', async () => {
  const tenantId = newId<TenantId>();
  await policyOf(tenantId, {
    answers: [{ intent: 'ORDER_STATUS', templateId: await onItsWay(tenantId) }],
    askForOrderTemplateId: await templateOf(tenantId, 'which', 'Which order is it about?'),
  });
  const order = orderOf(tenantId, 'shipped');
  const talk = conversation(tenantId);
  await talk.link(null);
  const first = await talk.says('Where is my order?');
  expect(await verdictsOn(first)).toMatchObject([{ code: 'ASKED_FOR_ORDER', intent: 'ORDER_STATUS' }]);
  const isAsked = (event: { aggregateId: string }) => event.aggregateId === talk.id;
  await talk.bot(await harness.events.next('automation.reply-decided', isAsked));
  const again = await talk.says('Where is my order? I want to know where my order is');
  expect(await verdictsOn(again)).toMatchObject([{ code: 'ORDER_UNKNOWN' }]);
  expect(replies(tenantId)).toEqual([['answer', 'Which order is it about?']]);

  const other = conversation(tenantId);
  await other.link(null);
  const asked = await other.says('Where is my order?');
  await verdictsOn(asked);
  await other.bot(await harness.events.next('automation.reply-decided', (event) => event.aggregateId === other.id));
  const named = await other.says('Where is my order O-77? I have waited for it so long');
  expect(await verdictsOn(named)).toMatchObject([{ code: 'ORDER_UNKNOWN' }]);
  // It was left to people: a machine does not come back.
  await other.link(order, 2);
  const repeated = await other.says('So where is my order?');
  expect(await verdictsOn(repeated)).toMatchObject([{ code: 'WAITS_FOR_PERSON' }]);

  // Who names the order after they were asked has the answer to what they asked.
  const fourth = conversation(tenantId);
  await fourth.link(null);
  await verdictsOn(await fourth.says('Where is my order?'));
  await fourth.bot(await harness.events.next('automation.reply-decided', (event) => event.aggregateId === fourth.id));
  await fourth.link(order, 2);
  expect(await verdictsOn(await fourth.says('O-77'))).toMatchObject([{ code: 'ANSWERED', intent: 'ORDER_STATUS' }]);

  const third = conversation(tenantId);
  await third.link(order);
  const one = await third.says('Where is my order O-77?');
  expect(await verdictsOn(one)).toMatchObject([{ code: 'ANSWERED' }]);
  // The answer knew nothing of the next message, and was not written before it: it will be refused, so it counts for nothing.
  const two = await third.says('But where is my order?');
  expect(await verdictsOn(two)).toMatchObject([{ code: 'ANSWERED' }]);
  const isOfThird = (event: { aggregateId: string }) => event.aggregateId === third.id;
  const [, reply] = await harness.events.count('automation.reply-decided', 2, isOfThird);
  if (reply !== undefined) await third.bot(reply);
  const three = await third.says('Hello, where is my order?');
  expect(await verdictsOn(three)).toMatchObject([{ code: 'SAME_ANSWER' }]);
});

test('an answer that the conversation service refuses is left to people, with the reason', async () => {
  const tenantId = newId<TenantId>();
  const template = await templateOf(tenantId, 'invoice', 'Write to us on another platform.');
  const ack = await templateOf(tenantId, 'ack', 'A colleague answers.');
  const handOver = { templateId: ack, answerWithinMinutes: 90 };
  await policyOf(tenantId, { answers: [{ intent: 'INVOICE', templateId: template }], handOver });
  const talk = conversation(tenantId);
  await talk.link(null);
  const message = await talk.says('Can you send me an invoice please?');
  const isOfTalk = (event: { aggregateId: string }) => event.aggregateId === talk.id;
  const { data } = await harness.events.next('automation.reply-decided', isOfTalk);
  await talk.refuses(data.decisionId, 'LINT_STOPPED');
  expect(await verdictsOn(message, 2)).toMatchObject([
    { code: 'ANSWERED', decision: { outcome: 'REFUSED' } },
    { code: 'REFUSED', message: 'The conversation service refused the answer. LINT_STOPPED' },
  ]);
  expect(replies(tenantId).at(-1)).toEqual(['acknowledgement', 'A colleague answers.']);

  // Where a person speaks, nothing more is needed: the next turn is the only other one.
  const taken = conversation(tenantId);
  await taken.link(null);
  const asked = await taken.says('Can you send me an invoice please?');
  const isOfTaken = (event: { aggregateId: string }) => event.aggregateId === taken.id;
  const { data: overtaken } = await harness.events.next('automation.reply-decided', isOfTaken);
  await taken.refuses(overtaken.decisionId, 'TURN_TAKEN');
  await verdictsOn(await taken.says('I need an invoice, please'));
  expect(await verdictsOn(asked)).toMatchObject([{ code: 'ANSWERED' }]);
});

test('history is not answered, and an order that becomes known later answers no old question', async () => {
  const tenantId = newId<TenantId>();
  await policyOf(tenantId, { answers: [{ intent: 'ORDER_STATUS', templateId: await onItsWay(tenantId) }] });
  const talk = conversation(tenantId);
  await talk.link(null);
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const old = await talk.saidAt(hoursAgo(13), 'Where is my order?');
  const recent = await talk.saidAt(hoursAgo(11), 'Where is my order?');
  expect(await verdictsOn(recent)).toMatchObject([{ code: 'ORDER_UNKNOWN', messageIds: [recent.data.messageId] }]);
  expect(await verdictsOn(old, 0)).toEqual([]);

  await sql`update turn set first_at = now() - interval '11 minutes' where conversation_id = ${talk.id}`.execute(
    automation.runtime.db.worker,
  );
  await policyOf(tenantId, { mode: 'SHADOW', expectedVersion: 1 });
  await talk.link(orderOf(tenantId, 'shipped'), 2);
  await verdictsOn(await talk.says('Hello again, thank you'));
  expect(await verdictsOn(recent)).toHaveLength(1);
});

test('a rule comes before the policy, is held to the same checks, and waits for the order', async () => {
  const tenantId = newId<TenantId>();
  const rule = { name: 'orders', trigger: 'TURN', condition: { all: [] } };
  const actions = [{ type: 'REPLY', value: await onItsWay(tenantId) }];
  await support.created(automation, tenantId, { ...rule, actions }, 'AUTO');
  // Without a policy there is the usual wait: set none but that.
  await policyOf(tenantId, { mode: 'OFF' });
  const order = orderOf(tenantId, 'shipped');
  const talk = conversation(tenantId);
  await talk.link(null);
  const first = await talk.says('Where is my order?');
  const lacking =
    'No rule replied, and automatic answers are off. Give the values that the template needs: orderNumber.';
  expect(await verdictsOn(first)).toMatchObject([{ code: 'NO_ANSWER', message: lacking }]);
  await talk.link(order, 2);
  expect((await verdictsOn(first, 2))[1]).toMatchObject({
    code: 'ANSWERED',
    decision: { text: 'Order O-77 is on its way.' },
  });
  await talk.answers('pending');
  const second = await talk.says('And the other one?');
  expect(await verdictsOn(second)).toMatchObject([{ code: 'HELD_BY_PERSON' }]);
  const { evaluations } = await support.explanationOf(automation, second, 2);
  expect(
    evaluations.map(({ isReproduced, rules }) => [isReproduced, rules[0]?.reason ?? rules[0]?.results]),
  ).toMatchObject([
    [true, 'OTHER_TRIGGER'],
    [true, [{ type: 'REPLY', code: 'HELD_BY_PERSON', decision: null }]],
  ]);
  expect(replies(tenantId)).toHaveLength(1);
});

test('a policy that only records sends nothing; one that was never set answers nothing', async () => {
  const tenantId = newId<TenantId>();
  const template = await templateOf(tenantId, 'invoice', 'We send it with the parcel.');
  const answers = [{ intent: 'INVOICE', templateId: template }];
  await policyOf(tenantId, { mode: 'SHADOW', answers });
  const talk = conversation(tenantId);
  await talk.link(null);
  const first = await talk.says('Can you send me an invoice please?');
  expect(await verdictsOn(first)).toMatchObject([
    { code: 'WOULD_ANSWER', template: { key: 'invoice' }, decision: null },
  ]);
  const angry = await talk.says('I want to talk to a human');
  expect(await verdictsOn(angry)).toMatchObject([{ code: 'WANTS_PERSON' }]);
  expect(replies(tenantId)).toEqual([]);
  expect(harness.events.of('automation.action-decided').filter((event) => event.tenantId === tenantId)).toEqual([]);
  expect(await standing(tenantId, talk.id)).toEqual({ handledBy: 'BOT', handOver: null });
  expect(await standing(newId<TenantId>(), talk.id)).toEqual({ handledBy: null, handOver: null });
});

test('the policy names every problem, and is changed only by those who read it and may', async () => {
  const tenantId = newId<TenantId>();
  const template = await templateOf(tenantId, 'invoice', 'We send it with the parcel.');
  const set = async (input: object, role: 'agent' | 'supervisor' = 'supervisor') =>
    ask(automation.subgraph, anAgent(tenantId, role), setPolicy, {
      input: { mode: 'AUTO', expectedVersion: 0, ...input },
    });
  expect((await set({}, 'agent')).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const wrong = await set({
    ...{ waitSeconds: 999, answersPerDayMax: 0 },
    answers: [
      {
        intent: 'INVOICE',
        templateId: 'x',
        channels: ['myspace'],
        markets: ['br'],
        orderStates: ['lost'],
        minScore: 2,
      },
    ],
    handOver: {
      templateId: template,
      answerWithinMinutes: 0,
      timeZone: '+01:00',
      hours: [{ weekdays: [], from: '9', to: '18:00' }],
    },
  });
  const { errors } = (wrong.data as { setAutomationPolicy: { errors: { path: string[] }[] } }).setAutomationPolicy;
  expect(errors.map(({ path }) => path.slice(1).join('.')).toSorted()).toEqual(
    [
      ...['waitSeconds', 'answersPerDayMax', 'answers.0.channels', 'answers.0.markets', 'answers.0.orderStates'],
      ...['answers.0.minScore', 'answers.0.templateId', 'handOver.answerWithinMinutes', 'handOver.timeZone'],
      ...['handOver.hours.0.weekdays', 'handOver.hours.0.from'],
    ].toSorted(),
  );
  const gone = await set({ answers: [{ intent: 'INVOICE', templateId: newId() }] });
  expect(gone.data).toMatchObject({
    setAutomationPolicy: {
      policy: null,
      errors: [{ code: 'NOT_FOUND', path: ['input', 'answers', '0', 'templateId'] }],
    },
  });
  const good = { answers: [{ intent: 'INVOICE', templateId: template }] };
  await policyOf(tenantId, good);
  await policyOf(tenantId, good);
  expect((await set({ mode: 'OFF' })).data).toMatchObject({
    setAutomationPolicy: { policy: { mode: 'AUTO', version: 1 }, errors: [{ code: 'VERSION_CONFLICT' }] },
  });
  const events = await harness.events.count('automation.policy-changed', 1, (event) => event.tenantId === tenantId);
  expect(events.map(({ data }) => data)).toEqual([{ mode: 'auto', intents: ['invoice'] }]);
});
