import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, type EventOf, newId, type TenantId } from '@crossdesk/contracts';
import { eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type AutomationService, openAutomation } from '../src/app.ts';
import { content, created as createdRule, explanationOf, said, type Said, simulated } from './rule.support.ts';

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
