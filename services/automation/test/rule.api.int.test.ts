import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  causationDepthMax,
  type ConversationId,
  type CustomerId,
  type EventOf,
  type ErasureId,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type AutomationService, openAutomation } from '../src/app.ts';
import * as support from './rule.support.ts';
import { content, linked, outcomesIn, said, type Said } from './rule.support.ts';

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

const created = (tenantId: TenantId, changes: object = {}, mode: string | null = null) =>
  support.created(automation, tenantId, changes, mode);
const mutate = (tenantId: TenantId, name: string, input: object) => support.mutate(automation, tenantId, name, input);
const explanationOf = (message: EventOf<'conversation.message-added'>, evaluations = 1) =>
  support.explanationOf(automation, message, evaluations);
const names = async (tenantId: TenantId) => {
  const { automationRules } = (await support.allRules(automation, tenantId)) as {
    automationRules: { edges: { node: { name: string; position: number } }[] };
  };
  return automationRules.edges.map(({ node }) => [node.position, node.name]);
};

/** Publishes a message as ingest and conversation do, and returns what conversation published. */
async function says(given: Said): Promise<EventOf<'conversation.message-added'>> {
  const event = said(given);
  const { messageId } = event.data;
  const { tenantId, conversationId, text } = given;
  const words = { kind: 'text', text: text ?? '' } as const;
  await harness.publish(givenMessage({ tenantId, conversationId, messageId, content: words }), event);
  return event;
}

test('a rule is created off, changed, switched, deleted, and published with each change', async () => {
  const tenantId = newId<TenantId>();
  const input = {
    clientMutationId: 'one',
    rule: { ...content, schedule: [{ weekdays: ['MONDAY'], from: '09:00', to: '24:00' }] },
  };
  const first = await mutate(tenantId, 'createAutomationRule', input);
  expect(first).toMatchObject({
    errors: [],
    rule: { ...input.rule, mode: 'OFF', position: 1, version: 1, timeZone: 'UTC' },
  });
  expect(await mutate(tenantId, 'createAutomationRule', input)).toEqual(first);
  const other = { ...input, rule: content };
  expect((await mutate(tenantId, 'createAutomationRule', other)).errors).toMatchObject([{ code: 'CLIENT_ID_REUSED' }]);

  const ruleId = first.rule?.id ?? '';
  const changed = {
    ...content,
    condition: { all: [{ not: content.condition }] },
    limits: [{ scope: 'BUYER', times: 1, hours: 24 }],
  };
  const update = { ruleId, expectedVersion: 1, rule: changed };
  expect(await mutate(tenantId, 'updateAutomationRule', update)).toMatchObject({ rule: { ...changed, version: 2 } });
  expect(await mutate(tenantId, 'updateAutomationRule', update)).toMatchObject({ rule: { version: 2 }, errors: [] });
  const conflict = await mutate(tenantId, 'updateAutomationRule', { ...update, rule: content });
  expect(conflict).toMatchObject({ rule: { version: 2 }, errors: [{ code: 'VERSION_CONFLICT' }] });
  const mode = { ruleId, expectedVersion: 2, mode: 'SHADOW' };
  expect(await mutate(tenantId, 'setAutomationRuleMode', mode)).toMatchObject({ rule: { version: 3, mode: 'SHADOW' } });
  expect((await mutate(tenantId, 'deleteAutomationRule', { ruleId, expectedVersion: 2 })).errors).toMatchObject([
    { code: 'VERSION_CONFLICT' },
  ]);
  expect((await mutate(tenantId, 'deleteAutomationRule', { ruleId, expectedVersion: 3 })).errors).toEqual([]);
  expect(await names(tenantId)).toEqual([]);
  expect((await mutate(tenantId, 'deleteAutomationRule', { ruleId, expectedVersion: 3 })).errors).toMatchObject([
    { code: 'NOT_FOUND' },
  ]);
  const events = await harness.events.count('automation.rule-changed', 4, (event) => event.tenantId === tenantId);
  expect(
    events.map(({ aggregateVersion, data }) => [aggregateVersion, data.ruleSet, data.mode, data.isDeleted]),
  ).toEqual([
    [1, 1, 'off', false],
    [2, 2, 'off', false],
    [3, 3, 'shadow', false],
    [4, 4, 'shadow', true],
  ]);
});

test('rules are listed in their order; a new order names every rule once', async () => {
  const tenantId = newId<TenantId>();
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c']) ids.push((await created(tenantId, { name })).id);
  const reorder = (ruleIds: string[]) =>
    support.read(
      automation,
      tenantId,
      `mutation ($ids: [ID!]!) { reorderAutomationRules(input: { ruleIds: $ids }) { rules { name version } errors { code } } }`,
      { ids: ruleIds },
      'supervisor',
    );
  const [a = '', b = '', c = ''] = ids;
  expect(await reorder([c, a, b])).toEqual({
    reorderAutomationRules: {
      rules: [
        { name: 'c', version: 2 },
        { name: 'a', version: 2 },
        { name: 'b', version: 2 },
      ],
      errors: [],
    },
  });
  expect(await names(tenantId)).toEqual([
    [1, 'c'],
    [2, 'a'],
    [3, 'b'],
  ]);
  for (const wrong of [
    [c, a],
    [c, a, a],
    [c, a, newId()],
  ])
    expect(await reorder(wrong)).toMatchObject({
      reorderAutomationRules: { rules: null, errors: [{ code: 'VERSION_CONFLICT' }] },
    });
  await created(tenantId, { name: 'd' });
  expect((await names(tenantId)).at(-1)).toEqual([4, 'd']);
});

test('all problems of a rule are named with their places; a template has to exist', async () => {
  const tenantId = newId<TenantId>();
  const create = (changes: object) =>
    mutate(tenantId, 'createAutomationRule', {
      clientMutationId: newId(),
      rule: { ...content, trigger: 'TURN', ...changes },
    });
  const { errors } = await create({
    name: ' ',
    condition: { leaf: { field: 'order.weight', op: 'IN', values: ['1'] } },
    actions: [
      { type: 'REPLY', value: 'x' },
      { type: 'STATE', value: 'gone' },
      { type: 'TAG', value: 'a' },
      { type: 'TAG', value: 'a' },
    ],
    limits: [{ scope: 'BUYER', times: 0, hours: 1_000 }],
    timeZone: '+02:00',
    schedule: [{ weekdays: [], from: '9:00', to: '25:00' }],
  });
  expect(errors.map(({ path }) => path.slice(2).join('.'))).toEqual([
    ...['name', 'condition.leaf.field', 'actions.0.value', 'actions.1.value', 'actions.1'],
    ...['limits.0.times', 'limits.0.hours', 'timeZone', 'schedule.0.weekdays', 'schedule.0.from', 'schedule.0.to'],
  ]);
  expect((await create({ actions: [{ type: 'REPLY', value: newId() }] })).errors).toMatchObject([
    { code: 'NOT_FOUND', path: ['input', 'rule', 'actions', '0', 'value'] },
  ]);
});

test('rules are checked with a draft; what loops or needs a disabled template cannot act', async () => {
  const tenantId = newId<TenantId>();
  const check = async (draft: object | null, ruleId: string | null = null) => {
    const query = `query ($draft: RuleInput, $ruleId: ID) { checkRules(draft: $draft, ruleId: $ruleId) {
      findings { kind ruleId ruleName others { ruleName } action { type } witness { field values } } errors { code path } } }`;
    const answer = await support.read(automation, tenantId, query, { draft, ruleId }, 'supervisor');
    return (answer as { checkRules: { findings: { kind: string }[] | null; errors: unknown[] } }).checkRules;
  };
  const isState = (state: string) => ({ leaf: { field: 'conversation.state', op: 'IN', values: [state] } });
  const moving = (name: string, from: string, to: string) => ({
    ...{ name, trigger: 'CONVERSATION', condition: isState(from) },
    actions: [{ type: 'STATE', value: to }],
  });
  const there = await created(tenantId, moving('there', 'pending', 'handled'), 'AUTO');
  expect(await check(null)).toEqual({ findings: [], errors: [] });
  expect(await check(moving('back', 'handled', 'pending'))).toMatchObject({
    findings: [{ kind: 'LOOP' }],
    errors: [],
  });
  expect(await check(moving('there', 'handled', 'pending'), there.id)).toEqual({ findings: [], errors: [] });
  expect(await check(null, newId())).toMatchObject({
    findings: null,
    errors: [{ code: 'NOT_FOUND', path: ['ruleId'] }],
  });
  const back = await created(tenantId, moving('back', 'handled', 'pending'));
  const barred = await mutate(tenantId, 'setAutomationRuleMode', { ruleId: back.id, expectedVersion: 1, mode: 'AUTO' });
  expect(barred).toMatchObject({
    rule: null,
    errors: [{ code: 'INVALID_INPUT', message: expect.stringContaining('there') }],
  });

  const templateId = await templateOf(tenantId);
  const reply = await created(
    tenantId,
    { name: 'reply', trigger: 'TURN', actions: [{ type: 'REPLY', value: templateId }] },
    'SHADOW',
  );
  await support.read(
    automation,
    tenantId,
    `mutation ($id: ID!) { setTemplateEnabled(input: { templateId: $id, expectedVersion: 1, isEnabled: false }) { errors { code } } }`,
    { id: templateId },
    'supervisor',
  );
  expect(await check(null)).toMatchObject({
    findings: [{ kind: 'DANGLING', ruleName: 'reply', action: { type: 'REPLY' } }],
  });
  const dangling = { ruleId: reply.id, expectedVersion: 2, mode: 'AUTO' };
  expect((await mutate(tenantId, 'setAutomationRuleMode', dangling)).errors).toMatchObject([{ code: 'INVALID_INPUT' }]);
  const starting = await created(tenantId, { name: 'starting', actions: [{ type: 'WORKFLOW', value: 'REFUND' }] });
  const nobody = { ruleId: starting.id, expectedVersion: 1, mode: 'AUTO' };
  expect((await mutate(tenantId, 'setAutomationRuleMode', nobody)).errors).toMatchObject([
    { code: 'INVALID_INPUT', message: expect.stringContaining('workflow') },
  ]);
  expect(await check({ ...content, name: '' })).toMatchObject({
    findings: null,
    errors: [{ path: ['draft', 'name'] }],
  });
});

test('agents read rules and may not change them; nobody sees or changes those of another workspace', async () => {
  const tenantId = newId<TenantId>();
  const { id } = await created(tenantId);
  const query = `mutation ($input: CreateAutomationRuleInput!) { createAutomationRule(input: $input) { errors { code } } }`;
  const input = { clientMutationId: 'x', rule: content };
  const agent = await ask(automation.subgraph, anAgent(tenantId), query, { input });
  expect(agent.errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const stranger = newId<TenantId>();
  const one = `query ($id: ID!) { automationRule(id: $id) { name } }`;
  expect(await support.read(automation, tenantId, one, { id })).toEqual({ automationRule: { name: content.name } });
  expect(await support.read(automation, stranger, one, { id })).toEqual({ automationRule: null });
  const refused = await mutate(stranger, 'setAutomationRuleMode', { ruleId: id, expectedVersion: 1, mode: 'AUTO' });
  expect(refused).toMatchObject({ rule: null, errors: [{ code: 'NOT_FOUND' }] });
});

test('S1-2.7 the explanation names what matched, the first comparison that did not hold, and what was skipped', async () => {
  const tenantId = newId<TenantId>();
  await created(tenantId, {}, 'AUTO');
  const german = { field: 'message.language', op: 'IN', values: ['de'] };
  await created(tenantId, { condition: { all: [content.condition, { leaf: german }] } }, 'SHADOW');
  const cheap = { field: 'order.total', op: 'AT_MOST', values: ['20'] };
  await created(tenantId, { condition: { leaf: cheap } }, 'SUGGEST');
  await created(tenantId, {}, 'AUTO');
  await created(tenantId, { trigger: 'CONVERSATION' }, 'AUTO');
  await created(tenantId, {});
  const message = await says({
    tenantId,
    conversationId: newId<ConversationId>(),
    text: 'I want a REFUND now, please',
  });
  const { evaluations } = await explanationOf(message);
  expect(evaluations).toMatchObject([{ isReproduced: true, ruleSet: 11 }]);
  const [evaluation] = evaluations;
  expect(evaluation?.facts).toEqual(
    expect.arrayContaining([
      { field: 'message.language', values: ['en'] },
      { field: 'message.words', values: ['refund'] },
      { field: 'message.isFirst', values: ['true'] },
      { field: 'conversation.state', values: ['unread'] },
    ]),
  );
  expect(evaluation?.rules).toMatchObject([
    { outcome: 'MATCHED', mode: 'AUTO', actions: [{ type: 'STATE', value: 'pending' }], leaf: null },
    { outcome: 'FALSE', leaf: { path: 'all.1.leaf', known: ['en'], leaf: german } },
    { outcome: 'UNKNOWN', leaf: { path: 'leaf', known: null, leaf: cheap } },
    { outcome: 'SKIPPED', reason: 'SLOTS_TAKEN', actions: [] },
    { outcome: 'SKIPPED', reason: 'OTHER_TRIGGER' },
    { outcome: 'SKIPPED', reason: 'OFF' },
  ]);
});

test('an old evaluation is explained with the rules of then, and only to its own workspace', async () => {
  const tenantId = newId<TenantId>();
  const { id: ruleId } = await created(tenantId, {}, 'SHADOW');
  const message = await says({ tenantId, conversationId: newId<ConversationId>(), text: 'refund' });
  const before = await explanationOf(message);
  expect(outcomesIn(before)).toEqual([['MATCHED']]);
  await mutate(tenantId, 'updateAutomationRule', {
    ruleId,
    expectedVersion: 2,
    rule: { ...content, name: 'Other', condition: { all: [] } },
  });
  await mutate(tenantId, 'deleteAutomationRule', { ruleId, expectedVersion: 3 });
  expect(await explanationOf(message)).toEqual(before);
  expect(await support.explained(automation, { ...message, tenantId: newId<TenantId>() })).toBeNull();
});

test('S2-4.3 a rule acts once for a chain of events, and as often for a buyer as its limit says', async () => {
  const tenantId = newId<TenantId>();
  await created(tenantId, { limits: [{ scope: 'BUYER', times: 1, hours: 24 }] }, 'AUTO');
  const customerId = newId<CustomerId>();
  const outcomes: string[][][] = [];
  for (const _ of [1, 2]) {
    const conversationId = newId<ConversationId>();
    const hello = await says({ tenantId, conversationId, text: 'hello' });
    await explanationOf(hello);
    await harness.publish(linked(hello, customerId, null));
    await explanationOf(hello, 2);
    const asks = await says({ tenantId, conversationId, text: 'refund please' });
    outcomes.push(outcomesIn(await explanationOf(asks)));
  }
  expect(outcomes).toEqual([[['MATCHED']], [['BUYER_LIMIT']]]);
});

test('a message is evaluated again when its order is found; what was decided stays decided', async () => {
  const tenantId = newId<TenantId>();
  await created(tenantId, { name: 'first', actions: [{ type: 'PRIORITY', value: 'HIGH' }] }, 'AUTO');
  const shipped = { leaf: { field: 'order.state', op: 'IN', values: ['SHIPPED'] } };
  await created(
    tenantId,
    {
      name: 'second',
      condition: shipped,
      actions: [
        { type: 'PRIORITY', value: 'LOW' },
        { type: 'TAG', value: 'shipped' },
      ],
    },
    'AUTO',
  );
  const orderId = newId<OrderId>();
  const order = orderOf(tenantId, orderId, 'shipped');
  await harness.publish(order);
  const message = await says({ tenantId, conversationId: newId<ConversationId>(), text: 'refund' });
  await explanationOf(message);
  await harness.publish(linked(message, newId<CustomerId>(), orderId));
  const found = await explanationOf(message, 2);
  expect(outcomesIn(found)).toEqual([
    ['MATCHED', 'UNKNOWN'],
    ['ONCE', 'MATCHED'],
  ]);
  expect(found.evaluations[1]).toMatchObject({
    isReproduced: true,
    rules: [{}, { actions: [{ type: 'TAG', value: 'shipped' }] }],
  });
});

test('what a rule that acts wants is decided once, and what became of it is explained', async () => {
  const tenantId = newId<TenantId>();
  const actions = [
    { type: 'ESCALATE', value: 'Wants the money back' },
    { type: 'PRIORITY', value: 'urgent' },
    { type: 'TAG', value: 'Refund' },
  ];
  const rule = await created(tenantId, { actions }, 'AUTO');
  await created(tenantId, { actions: [{ type: 'STATE', value: 'handled' }] }, 'SHADOW');
  const conversationId = newId<ConversationId>();
  const first = await says({ tenantId, conversationId, text: 'refund' });
  const isOf = (event: { aggregateId: string }) => event.aggregateId === conversationId;
  const changes = await harness.events.count('automation.action-decided', 3, isOf);
  const decidedBy = { ruleId: rule.id, version: 2 };
  expect(changes.map(({ data }) => [data.rule, data.action])).toEqual([
    [decidedBy, { kind: 'escalate', priority: 'high', agentId: null, note: 'Wants the money back' }],
    [decidedBy, { kind: 'set-priority', priority: 'urgent' }],
    [decidedBy, { kind: 'add-tag', tag: 'Refund' }],
  ]);
  expect(changes[0]).toMatchObject({
    actor: { kind: 'automation', id: rule.id },
    causationId: first.id,
    causationDepth: first.causationDepth + 1,
    correlationId: first.correlationId,
  });
  const results = (explanation: support.Explained) => explanation.evaluations.map(({ rules }) => rules[0]?.results);
  expect(results(await explanationOf(first))).toMatchObject([
    [
      { type: 'ESCALATE', decision: { kind: 'ESCALATE', outcome: null }, code: null },
      { type: 'PRIORITY', decision: { kind: 'SET_PRIORITY' } },
      { type: 'TAG', decision: { kind: 'ADD_TAG' }, code: null },
    ],
  ]);
  expect(harness.events.of('automation.reply-decided').filter(isOf)).toEqual([]);
});

async function templateOf(tenantId: TenantId): Promise<string> {
  const variables = [{ name: 'orderNumber', type: 'TEXT' }];
  const variants = [{ locale: 'en', text: 'About {orderNumber}.' }];
  const input = { key: 'about', name: 'About', situation: 'OTHER', variables, fallbackLocales: ['en'], variants };
  const query = `mutation ($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } } }`;
  const answer = await support.read(automation, tenantId, query, { input }, 'supervisor');
  return (answer as { upsertTemplate: { template: { id: string } } }).upsertTemplate.template.id;
}

function orderOf(tenantId: TenantId, orderId: OrderId, state: 'shipped' | 'delivered') {
  const now = new Date().toISOString();
  return anEvent(
    'ingest.order-updated',
    {
      orderId,
      accountId: newId(),
      channel: 'shopee',
      externalOrderId: 'O-1',
      state,
      platformState: state,
      buyerExternalId: null,
      buyerName: null,
      total: { amountMinor: '5050', currency: 'EUR' },
      recipient: null,
      items: [],
      shipments: [],
      placedAt: now,
      platformUpdatedAt: now,
    },
    { tenantId, aggregateId: orderId },
  );
}

test('rules ask for the tags and the tier of the customer, as soon as it is known who that is', async () => {
  const tenantId = newId<TenantId>();
  const [tag, tier] = [
    { leaf: { field: 'customer.tags', op: 'IN', values: [' V.I.P. ', 'ＶＩＰ'] } },
    { leaf: { field: 'customer.tier', op: 'IN', values: ['high_value'] } },
  ];
  await created(tenantId, { name: 'tagged', condition: tag, actions: [{ type: 'PRIORITY', value: 'HIGH' }] }, 'AUTO');
  await created(tenantId, { name: 'tier', condition: tier, actions: [{ type: 'TAG', value: 'best' }] }, 'AUTO');
  const [customerId, conversationId] = [newId<CustomerId>(), newId<ConversationId>()];
  const marked = (tags: string[], of: string | null) =>
    anEvent('crm.customer-changed', { customerId, tags, tier: of }, { tenantId, aggregateId: customerId });
  await harness.publish(marked(['chatty', 'vip'], null));
  const first = await says({ tenantId, conversationId, text: 'hello' });
  await explanationOf(first);
  await harness.publish(linked(first, customerId, null));
  expect(outcomesIn(await explanationOf(first, 2))).toEqual([
    ['UNKNOWN', 'UNKNOWN'],
    ['MATCHED', 'UNKNOWN'],
  ]);
  await harness.publish(marked([], 'HIGH_VALUE'));
  await eventually(async () => {
    const next = await says({ tenantId, conversationId, text: 'hello again' });
    expect(outcomesIn(await explanationOf(next))).toEqual([['FALSE', 'MATCHED']]);
  });
});

test('a change of state or assignee is evaluated for the rules that look at it', async () => {
  const tenantId = newId<TenantId>();
  const isAssigned = { leaf: { field: 'conversation.isAssigned', op: 'IN', values: ['true'] } };
  const rule = await created(tenantId, { trigger: 'CONVERSATION', condition: isAssigned }, 'AUTO');
  const conversationId = newId<ConversationId>();
  await harness.publish(support.assigned(tenantId, conversationId));
  const acts = await eventually(async () => {
    const rows = await automation.runtime.db.worker
      .selectFrom('rule_act')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .execute();
    expect(rows).toHaveLength(1);
    return rows;
  });
  expect(acts).toMatchObject([{ rule_id: rule.id, conversation_id: conversationId, mode: 'auto' }]);
});

test('only messages of buyers are evaluated, and no chain of automations goes on for ever', async () => {
  const tenantId = newId<TenantId>();
  await created(tenantId, {}, 'AUTO');
  const conversationId = newId<ConversationId>();
  const ours = await says({ tenantId, conversationId, text: 'refund', direction: 'outbound' });
  const deep = await says({ tenantId, conversationId, text: 'refund', causationDepth: causationDepthMax });
  const last = await says({ tenantId, conversationId, text: 'refund' });
  const { evaluations } = await explanationOf(last);
  expect(evaluations[0]?.facts).toContainEqual({ field: 'conversation.messageCount', values: ['3'] });
  for (const message of [ours, deep]) expect(await support.explained(automation, message)).toEqual({ evaluations: [] });
});

test('the evaluations of an erased buyer are gone', async () => {
  const tenantId = newId<TenantId>();
  const conversationId = newId<ConversationId>();
  await created(tenantId, {}, 'SHADOW');
  const message = await says({ tenantId, conversationId, text: 'refund' });
  await explanationOf(message);
  const data = { erasureId: newId<ErasureId>(), customerId: newId<CustomerId>(), conversationId };
  await harness.publish(anEvent('conversation.buyer-erased', data, { tenantId, aggregateId: conversationId }));
  await eventually(async () => {
    expect(await support.explained(automation, message)).toEqual({ evaluations: [] });
  });
});
