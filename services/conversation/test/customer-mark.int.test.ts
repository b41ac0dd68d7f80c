import { expect, test } from '@jest/globals';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type EventData,
  newId,
  type TagRuleId,
  type TenantId,
} from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anEvent, ask, eventually } from '@crossdesk/testkit';
import { dataOf, givenInbound } from './given.ts';
import {
  assignedOf,
  bench,
  givenPerson,
  givenTeam,
  onDuty,
  perform,
  type Team,
  useBench,
  writes,
} from './given-routing.ts';

useBench();

const link = (tenantId: TenantId, conversationId: ConversationId, customerId: CustomerId) =>
  anEvent(
    'crm.conversation-linked',
    { conversationId, customerId, order: null },
    { tenantId, aggregateId: conversationId },
  );

type Tagged = NonNullable<EventData<'crm.customer-changed'>['tagged']>[number];

const marked = (tenantId: TenantId, customerId: CustomerId, tagged: readonly Tagged[], tier: string | null = null) =>
  anEvent(
    'crm.customer-changed',
    { customerId, tags: tagged.map(({ tag }) => tag), tier, tagged: [...tagged] },
    { tenantId, aggregateId: customerId },
  );

const byHand = (agentId: AgentId): Tagged => ({ tag: 'vip', name: 'VIP', agentId, ruleId: null, reason: null });
const byRule = (): Tagged => ({
  ...{ tag: 'big spender', name: 'Big Spender', agentId: null, ruleId: newId<TagRuleId>() },
  reason: { field: 'spend.year', op: 'at-least', values: ['500'] },
});

const told = (id: ConversationId, count = 1) =>
  bench.harness.events.count(
    'conversation.changed',
    count,
    ({ aggregateId, data }) => aggregateId === id && data.change === 'customer-marked',
  );
const toldCount = (id: ConversationId) =>
  bench.harness.events.all.filter(
    (event) =>
      event.type === 'conversation.changed' &&
      event.aggregateId === id &&
      'change' in event.data &&
      event.data.change === 'customer-marked',
  ).length;

const tags = 'customerTags { name agent { displayName } ruleId reason { field op values } } customerTier';
const shown = `version team { name } assignee { id } ${tags}
  routing { queued { rule ${tags} } history { rule strategy ${tags} } }`;

async function read(caller: Caller, id: ConversationId) {
  const query = `query ($id: ID!) { conversation(id: $id) { ${shown} } }`;
  return dataOf(await ask(bench.service.subgraph, caller, query, { id })).conversation;
}

/** Somebody whose role includes these stores only. */
const limitedTo = (stores: ChannelAccountId[], tenantId: TenantId): Caller => ({
  ...{ kind: 'agent', tenantId, agentId: newId<AgentId>(), role: 'admin', authenticatedAtMs: Date.now() },
  access: { stores, reach: 'all', teams: [] },
});

/** A desk, and one for whoever is marked, by the first of two rules. Nobody is on duty. */
async function givenVipDesk(asked: object): Promise<{ desk: Team; vip: Team }> {
  const desk = await givenTeam(1);
  const expert = await givenPerson(desk);
  const { team } = await perform(desk.admin, 'saveTeam', { name: 'VIP desk', memberIds: [expert.id] }, 'team { id }');
  const vipId = String((team as { id: string }).id);
  const rules = [
    { name: 'VIPs', ...asked, teamIds: [vipId] },
    { name: 'All', teamIds: [desk.teamId] },
  ];
  const setting = { isOn: true, rules, botWaitSeconds: 0, openWithinSeconds: 600, expectedVersion: 1 };
  const { routing, errors } = await perform(
    desk.admin,
    'saveRouting',
    setting,
    'routing { rules { name customerTags customerTiers } }',
  );
  expect({ routing, errors }).toMatchObject({ errors: [], routing: { rules: [{ name: 'VIPs' }, { name: 'All' }] } });
  return { desk, vip: { ...desk, teamId: vipId, members: [expert] } };
}

const inTeam = (caller: Caller, id: ConversationId, name: string) =>
  eventually(async () => expect((await read(caller, id)).team).toEqual({ name }));

test('S5-2.2: a tag by hand reaches routing with its author: it moves what waits, once, and nothing that somebody has', async () => {
  const { desk, vip } = await givenVipDesk({ customerTags: [' ＶＩＰ ', 'press'] });
  const { tenantId, admin, adminId } = desk;
  const [ana, bo] = [newId<CustomerId>(), newId<CustomerId>()];
  const [waits, taken, ofBo] = await writes(tenantId, 3);
  if (waits === undefined || taken === undefined || ofBo === undefined) throw new Error('no conversation');
  await bench.harness.publish(link(tenantId, waits, ana), link(tenantId, taken, ana), link(tenantId, ofBo, bo));
  for (const id of [waits, taken, ofBo]) await inTeam(admin, id, 'Desk');
  const [own] = desk.members;
  if (own === undefined) throw new Error('no person');
  await perform(own.caller, 'claimConversation', { conversationId: taken }, 'conversation { id }');

  await bench.harness.publish(marked(tenantId, ana, [byHand(adminId)]));
  await inTeam(admin, waits, 'VIP desk');
  const because = [{ name: 'VIP', agent: { displayName: 'Ada' }, ruleId: null, reason: null }];
  expect(await read(admin, waits)).toMatchObject({
    customerTags: because,
    routing: { queued: { rule: 'VIPs', customerTags: because, customerTier: null } },
  });
  await told(taken);
  expect(await read(admin, taken)).toMatchObject({
    ...{ team: { name: 'Desk' }, assignee: { id: own.id }, customerTags: because },
  });
  expect(await read(admin, ofBo)).toMatchObject({ team: { name: 'Desk' }, customerTags: [] });
  const candidates = `query ($id: ID!) { routeCandidates(conversationId: $id) { rule team { name } ${tags} } }`;
  expect(dataOf(await ask(bench.service.subgraph, admin, candidates, { id: waits })).routeCandidates).toMatchObject({
    ...{ rule: 'VIPs', team: { name: 'VIP desk' }, customerTags: because },
  });

  // The same again moves and tells nothing; what a person gave to a team stays there.
  const transfer = {
    conversationId: ofBo,
    teamId: vip.teamId,
    reason: 'They asked for you.',
    expectedVersion: (await read(admin, ofBo)).version,
  };
  expect((await perform(admin, 'transferConversation', transfer, 'conversation { id }')).errors).toEqual([]);
  await bench.harness.publish(marked(tenantId, ana, [byHand(adminId)]), marked(tenantId, bo, [byRule()]));
  await told(ofBo);
  expect(toldCount(waits)).toBe(1);
  expect((await read(admin, ofBo)).team).toEqual({ name: 'VIP desk' });
  const [expert] = vip.members;
  if (expert === undefined) throw new Error('no person');
  await onDuty(expert);
  expect(await assignedOf(waits)).toMatchObject({ agentId: expert.id });
  expect((await read(admin, waits)).routing.history).toMatchObject([
    { rule: 'VIPs', strategy: 'BALANCED', customerTags: because, customerTier: null },
  ]);

  // Taken away while it waits: back to the desk for all.
  const [again] = await writes(tenantId, 1);
  if (again === undefined) throw new Error('no conversation');
  await onDuty(expert, false);
  await bench.harness.publish(link(tenantId, again, ana));
  await inTeam(admin, again, 'VIP desk');
  await bench.harness.publish(marked(tenantId, ana, []));
  await inTeam(admin, again, 'Desk');
  expect((await read(admin, again)).routing.queued).toMatchObject({ rule: 'All', customerTags: [] });
});

test('views and lists ask for tags and tiers; roles limited to stores see no tier; a regroup and an erasure are followed', async () => {
  const { tenantId, admin } = await givenTeam(1);
  const [ana, bo] = [newId<CustomerId>(), newId<CustomerId>()];
  const [first, second] = [await givenInbound(bench, { tenantId }), await givenInbound(bench, { tenantId })];
  const rule = byRule();
  // The marks come before the link.
  await bench.harness.publish(marked(tenantId, ana, [rule], 'HIGH_VALUE'));
  await bench.harness.publish(link(tenantId, first.conversationId, ana), link(tenantId, second.conversationId, bo));
  await told(first.conversationId);
  const { ruleId, reason } = rule;
  const all = { customerTags: [{ name: 'Big Spender', agent: null, ruleId, reason }], customerTier: 'HIGH_VALUE' };
  expect(await read(admin, first.conversationId)).toMatchObject(all);
  const limited = limitedTo([first.accountId, second.accountId], tenantId);
  expect(await read(limited, first.conversationId)).toMatchObject({
    customerTags: [{ name: 'Big Spender', agent: null, ruleId: null, reason: null }],
    customerTier: null,
  });

  const listed = async (caller: Caller, filter: object) => {
    const query =
      'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount edges { node { id } } } }';
    const { conversations } = dataOf(await ask(bench.service.subgraph, caller, query, { filter }));
    expect(conversations.totalCount).toBe(conversations.edges.length);
    return conversations.edges.map(({ node }) => node.id);
  };
  expect(await listed(admin, { customerTags: ['BIG  spender', 'other'] })).toEqual([first.conversationId]);
  expect(await listed(admin, { customerTiers: ['high_value'] })).toEqual([first.conversationId]);
  expect(await listed(limited, { customerTiers: ['HIGH_VALUE'] })).toEqual([]);
  const saved = await perform(
    admin,
    'saveView',
    {
      ...{ name: 'Best', scope: 'ALL' },
      condition: {
        all: [
          { leaf: { field: 'customer.tags', op: 'IN', values: ['Big Spender'] } },
          { leaf: { field: 'customer.tier', op: 'IN', values: ['high_value'] } },
        ],
      },
    },
    'view { id }',
  );
  expect(saved.errors).toEqual([]);
  const viewId = String((saved['view'] as { id: string }).id);
  const viewed = async (caller: Caller, id: ConversationId) => {
    const query = `query ($viewId: ID!, $id: ID!) { view(id: $viewId) { conversations { edges { node { id } } } }
      conversation(id: $id) { isInView(viewId: $viewId) } }`;
    const { view, conversation } = dataOf(await ask(bench.service.subgraph, caller, query, { viewId, id }));
    const isListed = view.conversations.edges.some(({ node }) => node.id === id);
    expect(conversation.isInView).toBe(isListed);
    return isListed;
  };
  expect(await viewed(admin, first.conversationId)).toBe(true);
  expect(await viewed(limited, first.conversationId)).toBe(false);
  expect(await viewed(admin, second.conversationId)).toBe(false);

  // Bo turns out to be Ana; later the customer is split again.
  await bench.harness.publish(link(tenantId, second.conversationId, ana));
  await told(second.conversationId);
  expect(await viewed(admin, second.conversationId)).toBe(true);
  await bench.harness.publish(link(tenantId, second.conversationId, bo));
  await told(second.conversationId, 2);
  expect(await viewed(admin, second.conversationId)).toBe(false);

  const erasure = { erasureId: newId<EventData<'ingest.buyer-erased'>['erasureId']>(), customerId: ana };
  const { conversationId, accountId } = first;
  await bench.harness.publish(
    anEvent(
      'ingest.buyer-erased',
      { ...erasure, conversationId, accountId },
      { tenantId, aggregateId: conversationId },
    ),
  );
  const { data } = await bench.harness.events.next(
    'conversation.personal-data-erased',
    (event) => event.data.erasureId === erasure.erasureId,
  );
  expect(data.rows).toEqual(
    expect.arrayContaining([
      { table: 'customer_tag', count: 1 },
      { table: 'customer_tier', count: 1 },
    ]),
  );
  expect(await read(admin, conversationId)).toMatchObject({ customerTags: [], customerTier: null });
});

test('a service level for customers with a tag begins when the tag comes, counted from the message', async () => {
  const { tenantId, admin, adminId } = await givenTeam(1);
  const customerId = newId<CustomerId>();
  const { conversationId, accountId } = await givenInbound(bench, { tenantId });
  await bench.harness.publish(link(tenantId, conversationId, customerId));
  const policy = (name: string, minutes: number, more: object) =>
    perform(
      admin,
      'saveSlaPolicy',
      { name, targets: [{ metric: 'FIRST_RESPONSE', minutes }], ...more },
      'policy { customerTags customerTiers }',
    );
  const ofVips = { customerTags: ['V.I.P.', 'VIP'], customerTiers: ['high_value'] };
  expect(await policy('VIP', 10, ofVips)).toMatchObject({
    ...{ errors: [], policy: { customerTags: ['v.i.p.', 'vip'], customerTiers: ['HIGH_VALUE'] } },
  });
  expect(await policy('All', 60, {})).toMatchObject({ errors: [] });
  const due = async () => {
    const query = 'query ($id: ID!) { conversation(id: $id) { clocks { origin startedAt dueAt policy { name } } } }';
    const { clocks } = dataOf(await ask(bench.service.subgraph, admin, query, { id: conversationId })).conversation;
    return clocks.flatMap(({ startedAt, dueAt, policy: by, origin }) =>
      origin === 'POLICY' ? [[by.name, (Date.parse(dueAt) - Date.parse(startedAt)) / 60_000]] : [],
    );
  };
  await eventually(async () => expect(await due()).toEqual([['All', 60]]));
  await bench.harness.publish(marked(tenantId, customerId, [byHand(adminId)], 'HIGH_VALUE'));
  await eventually(async () => expect(await due()).toEqual([['VIP', 10]]));
  // Somebody who sees no tiers changes it: it stays what it is.
  const limited = limitedTo([accountId], tenantId);
  const { version: expectedVersion } = await read(admin, conversationId);
  const urgent = { conversationId, priority: 'URGENT', expectedVersion };
  expect((await perform(limited, 'setConversationPriority', urgent, 'conversation { id }')).errors).toEqual([]);
  expect(await due()).toEqual([['VIP', 10]]);
  await bench.harness.publish(marked(tenantId, customerId, [byHand(adminId)], 'LOW_ACTIVE'));
  await eventually(async () => expect(await due()).toEqual([['All', 60]]));
});
