import { expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { csatOf, follow, policyFor, type Round, surveyDueAt, type SurveyPolicy } from './survey.domain.ts';

const handledAt = new Date('2026-03-02T12:00:00Z');
const minutes = (count: number) => new Date(handledAt.getTime() + count * 60_000);
const delays = { delayMinutes: 15, mailDelayMinutes: 1_440 };

test('a survey is due after the delay, for mail after a day, and 10 minutes before the window closes at the latest', () => {
  const due = (channel: string, closesAt: Date | null = null) => surveyDueAt(delays, { channel, handledAt, closesAt });
  expect(due('whatsapp')).toEqual(minutes(15));
  expect(due('email')).toEqual(minutes(1_440));
  expect(due('whatsapp', minutes(600))).toEqual(minutes(15));
  expect(due('whatsapp', minutes(20))).toEqual(minutes(9));
  expect(due('whatsapp', minutes(5))).toEqual(handledAt);
});

const place = {
  tenantId: newId<TenantId>(),
  conversationId: newId<ConversationId>(),
  accountId: newId<ChannelAccountId>(),
};

test('whatever happens, a survey is planned at most once for each time that a conversation is handled', () => {
  const news = fc.record({ isHandled: fc.boolean(), isReply: fc.boolean(), cycle: fc.integer({ min: 1, max: 3 }) });
  fc.assert(
    fc.property(fc.array(news, { maxLength: 30 }), (all) => {
      let round: Round | null = null;
      let open = 0;
      let planned = 0;
      for (const one of all) {
        if (!one.isHandled) open += 1;
        const step = follow(round, { ...place, ...one });
        if (step.act === 'plan') planned += 1;
        // Planning and cancelling alternate: nothing is planned while something is owed.
        if (step.act === 'plan') expect(one.isHandled).toBe(true);
        if (step.act === 'cancel') expect(one.isHandled).toBe(false);
        round = step.round;
      }
      expect(planned).toBeLessThanOrEqual(open);
    }),
  );
});

test('a store has the policy that names it, or else one for all, the oldest of several', () => {
  const policy = (id: string, changes: Partial<SurveyPolicy>): SurveyPolicy => ({
    ...{ tenantId: place.tenantId, id: id as SurveyPolicy['id'], key: id, accountIds: [], texts: [], isOn: true },
    ...{ onSince: handledAt, ...delays, version: 1, ...changes },
  });
  const [all, older, mine] = [policy('b', {}), policy('a', {}), policy('c', { accountIds: [place.accountId] })];
  expect(policyFor([all, older, mine], place.accountId)?.key).toBe('c');
  expect(policyFor([all, older, mine], newId())?.key).toBe('a');
  expect(policyFor([policy('d', { isOn: false })], place.accountId)).toBeNull();
});

test('the mean is that of the scores, and nothing is divided by nothing', () => {
  expect(csatOf(0, new Map())).toMatchObject({ answered: 0, responseRate: null, mean: null });
  expect(
    csatOf(
      4,
      new Map([
        [5, 1],
        [2, 1],
      ]),
    ),
  ).toMatchObject({ answered: 2, responseRate: 0.5, mean: 3.5 });
});
