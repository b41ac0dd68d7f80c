import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, type EventOf, newId, type TenantId } from '@crossdesk/contracts';
import { anEvent, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type AutomationService, openAutomation } from '../src/app.ts';
import { content, created as createdRule, explanationOf, read, said, type Said, simulated } from './rule.support.ts';

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

const created = (tenantId: TenantId, changes: object, mode: string) => createdRule(automation, tenantId, changes, mode);

async function says(given: Said): Promise<EventOf<'conversation.message-added'>> {
  const event = said(given);
  const { tenantId, conversationId } = given;
  const content = { kind: 'text', text: given.text ?? '' } as const;
  await harness.publish(givenMessage({ tenantId, conversationId, messageId: event.data.messageId, content }), event);
  await explanationOf(automation, event);
  return event;
}

test('S1-5.7 other rules are tried on the events of the past; the rules that were in force do what was done', async () => {
  const tenantId = newId<TenantId>();
  const from = new Date(Date.now() - 60_000).toISOString();
  const limits = [{ scope: 'BUYER', times: 1, hours: 24 }];
  const handled = await created(tenantId, { limits, actions: [{ type: 'STATE', value: 'handled' }] }, 'AUTO');
  const urgent = { name: 'urgent', actions: [{ type: 'PRIORITY', value: 'urgent' }] };
  const second = await created(tenantId, urgent, 'SHADOW');
  const conversationId = newId<ConversationId>();
  const messages: EventOf<'conversation.message-added'>[] = [];
  for (const text of ['refund!', 'hello', 'refund, please', '退款']) {
    messages.push(await says({ tenantId, conversationId, text }));
  }
  const simulate = (changes: object) =>
    simulated(automation, tenantId, { from, to: new Date(Date.now() + 60_000).toISOString(), ...changes });

  const counts = { gained: 0, lost: 0, examples: [] };
  expect(await simulate({})).toEqual({
    ...{ state: 'DONE', events: 4 },
    result: {
      ...{ changedEvents: 0, divergedConversations: 0, divergedEvents: 0, unreadableEvents: 0 },
      rules: [
        { ruleName: handled.name, mode: 'AUTO', matchedBefore: 1, matched: 1, limited: 2, writtenAgain: 1, ...counts },
        { ruleName: 'urgent', mode: 'SHADOW', matchedBefore: 3, matched: 3, limited: 0, writtenAgain: 2, ...counts },
      ],
    },
  });
  const example = (n: number) => ({ change: 'GAINED', conversationId, messageId: messages[n]?.data.messageId });
  expect(await simulate({ ruleId: handled.id, draft: { ...content, limits: [] } })).toMatchObject({
    result: {
      changedEvents: 3,
      rules: [{ matched: 3, gained: 2, limited: 0, examples: [example(2), example(3)] }, { gained: 0 }],
    },
  });
  expect(await simulate({ ruleId: second.id })).toMatchObject({
    result: { changedEvents: 3, rules: [{ gained: 0 }, { mode: 'AUTO', matched: 3, gained: 0 }] },
  });
  // The set before the second rule was switched on.
  expect(await simulate({ ruleSet: 3 })).toMatchObject({
    result: { rules: [{}, { mode: 'OFF', matched: 0, lost: 3 }] },
  });
  const words = { leaf: { field: 'message.words', op: 'CONTAINS', values: ['hello'] } };
  await eventually(async () =>
    expect(await simulate({ draft: { ...content, condition: words } })).toMatchObject({
      result: { unreadableEvents: 0, rules: [{}, {}, { gained: 1, examples: [example(1)] }] },
    }),
  );
  // What was done before the time counts for the limits.
  expect(await simulate({ from: messages[1]?.occurredAt })).toMatchObject({
    ...{ events: 3 },
    result: { changedEvents: 0, rules: [{ matched: 0, limited: 2 }, { matched: 2 }] },
  });
});

test('S1-5.7 a rule tells how often it acted, what its limits held back, and what was refused', async () => {
  const tenantId = newId<TenantId>();
  const limits = [{ scope: 'CONVERSATION', times: 2, hours: 24 }];
  const rule = await created(tenantId, { limits, actions: [{ type: 'PRIORITY', value: 'high' }] }, 'AUTO');
  await created(tenantId, { name: 'shadow' }, 'SHADOW');
  const conversationId = newId<ConversationId>();
  for (const text of ['refund!', 'refund?', 'refund, please', 'hello']) await says({ tenantId, conversationId, text });
  const [first, second] = await harness.events.count(
    'automation.action-decided',
    2,
    (event) => event.tenantId === tenantId,
  );
  if (first === undefined || second === undefined) throw new Error('two decisions');
  await harness.publish(settledAs(first, 'carried-out'), settledAs(second, 'refused'));
  const query = `query ($from: DateTime) { automationRules { edges { node { name statistics(from: $from) { evaluated acted
    wouldHaveActed limited undecided { code count } refused { code count } replies writtenAgain escalated lastActedAt
    days { day acted limited refused } } } } } }`;
  const statistics = async (from: string | null = null) => {
    const { automationRules } = (await read(automation, tenantId, query, { from })) as {
      automationRules: { edges: { node: { statistics: { readonly refused: unknown[] } } }[] };
    };
    return automationRules.edges.map(({ node }) => node);
  };
  const nothing = { acted: 0, wouldHaveActed: 0, limited: 0, undecided: [], refused: [] };
  const day = new Date().toISOString().slice(0, 10);
  await eventually(async () => expect((await statistics())[0]?.statistics.refused).toHaveLength(1));
  expect(await statistics()).toMatchObject([
    {
      name: rule.name,
      statistics: {
        ...{ ...nothing, evaluated: 4, acted: 2, limited: 1, refused: [{ code: 'NOT_FOUND', count: 1 }] },
        ...{ replies: 0, days: [{ day, acted: 2, limited: 1, refused: 1 }] },
      },
    },
    { name: 'shadow', statistics: { ...nothing, wouldHaveActed: 3, lastActedAt: expect.any(String) } },
  ]);
  const later = new Date(Date.now() + 60_000).toISOString();
  expect((await statistics(later))[0]).toMatchObject({ statistics: { ...nothing, evaluated: 0, days: [] } });
});

function settledAs({ tenantId, data }: EventOf<'automation.action-decided'>, outcome: 'carried-out' | 'refused') {
  const { conversation } = said({ tenantId, conversationId: data.conversationId, text: null }).data;
  const code = outcome === 'refused' ? 'NOT_FOUND' : null;
  const told = { conversation, decisionId: data.decisionId, outcome, code };
  return anEvent('conversation.decision-settled', told, { tenantId, aggregateId: data.conversationId });
}
