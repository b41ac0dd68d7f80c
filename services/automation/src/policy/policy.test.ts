import { expect, test } from '@jest/globals';
import type { TemplateId } from '@crossdesk/contracts';
import type { Intent } from '../analysis/labels.domain.ts';
import {
  type AnswerPolicy,
  chooseAnswer,
  defaultPolicy,
  promiseAt,
  type Question,
  valuesOfPromise,
} from './policy.domain.ts';

const answer = (intent: Intent, templateId: string, changes: Partial<AnswerPolicy> = {}): AnswerPolicy => ({
  ...{ intent, channels: [], markets: [], orderStates: [], minScore: null, ...changes },
  templateId: templateId as TemplateId,
});

const question = (intents: readonly [Intent, number, boolean?][], changes: Partial<Question> = {}): Question => ({
  intents: intents.map(([intent, score, isCertain = true]) => ({ intent, score, isCertain })),
  ...{ channel: 'shopee', market: 'BR', orderState: 'shipped', isQuestion: false, ...changes },
});

const chosen = (answers: readonly AnswerPolicy[], asked: Question) => {
  const choice = chooseAnswer({ ...defaultPolicy.content, answers }, asked);
  return choice.kind === 'answer' ? choice.answer.templateId : choice.code;
};

test('the first answer for the question, the channel, the country and the state of the order is chosen', () => {
  const answers = [
    answer('order_status', 'shopee-br', { channels: ['shopee'], markets: ['BR'], orderStates: ['shipped'] }),
    answer('order_status', 'on-its-way', { orderStates: ['shipped', 'part_shipped'] }),
    answer('order_status', 'delivered', { orderStates: ['delivered'] }),
    answer('invoice', 'invoice'),
  ];
  expect(chosen(answers, question([['order_status', 0.9]]))).toBe('shopee-br');
  expect(chosen(answers, question([['order_status', 0.9]], { market: 'DE' }))).toBe('on-its-way');
  expect(chosen(answers, question([['order_status', 0.9]], { market: null, channel: 'ebay' }))).toBe('on-its-way');
  expect(chosen(answers, question([['order_status', 0.9]], { orderState: 'delivered' }))).toBe('delivered');
  expect(chosen(answers, question([['order_status', 0.9]], { orderState: 'cancelled' }))).toBe('INTENT_NOT_ALLOWED');
  expect(chosen(answers, question([['order_status', 0.9]], { orderState: null }))).toBe('ORDER_UNKNOWN');
  expect(chosen(answers, question([['invoice', 0.9]], { orderState: null }))).toBe('invoice');
});

test('every question has to be sure and allowed, and all of them to have one answer', () => {
  const answers = [answer('order_status', 'a'), answer('logistics', 'a'), answer('invoice', 'b', { minScore: 0.6 })];
  expect(chosen(answers, question([['order_status', 0.4, false]]))).toBe('INTENT_UNCERTAIN');
  expect(chosen(answers, question([['invoice', 0.65, false]]))).toBe('b');
  expect(chosen(answers, question([['invoice', 0.55, false]]))).toBe('INTENT_UNCERTAIN');
  expect(chosen(answers, question([['refund', 0.9]]))).toBe('INTENT_NOT_ALLOWED');
  expect(
    chosen(
      answers,
      question([
        ['order_status', 0.9],
        ['refund', 0.9],
      ]),
    ),
  ).toBe('INTENT_NOT_ALLOWED');
  expect(
    chosen(
      answers,
      question([
        ['order_status', 0.9],
        ['logistics', 0.8],
      ]),
    ),
  ).toBe('a');
  expect(
    chosen(
      answers,
      question([
        ['order_status', 0.9],
        ['invoice', 0.8],
      ]),
    ),
  ).toBe('SEVERAL_QUESTIONS');
  expect(
    chosen(
      answers,
      question([
        ['order_status', 0.9],
        ['thanks_other', 0.9],
      ]),
    ),
  ).toBe('a');
  expect(chosen(answers, question([['thanks_other', 0.9]]))).toBe('NO_ANSWER_NEEDED');
  expect(chosen(answers, question([['thanks_other', 0.9]], { isQuestion: true }))).toBe('INTENT_UNCERTAIN');
  expect(chosen(answers, question([]))).toBe('INTENT_UNCERTAIN');
});

const working = (fromMinute: number, toMinute: number) => ({
  ...{ templateId: '' as TemplateId, isOnlyOutsideHours: true, answerWithinMinutes: 60, timeZone: 'Asia/Shanghai' },
  hours: [{ weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const, fromMinute, toMinute }],
});

test('S4-2.2: what is promised begins with the next hours of work, over a weekend and past midnight', () => {
  const nine = working(9 * 60, 18 * 60);
  // Friday 17:30 in Shanghai.
  expect(promiseAt(nine, new Date('2026-11-27T09:30:00Z'))).toEqual({
    isAtWork: true,
    by: new Date('2026-11-27T10:30:00Z'),
  });
  // Friday 18:10, until Monday 10:00.
  expect(promiseAt(nine, new Date('2026-11-27T10:10:31Z'))).toEqual({
    isAtWork: false,
    by: new Date('2026-11-30T02:00:00Z'),
  });
  const night = working(22 * 60, 6 * 60);
  // Saturday 05:00 belongs to Friday night.
  expect(promiseAt(night, new Date('2026-11-27T21:00:00Z'))).toMatchObject({ isAtWork: true });
  expect(promiseAt({ ...nine, hours: [] }, new Date('2026-11-28T03:00:00Z'))).toMatchObject({ isAtWork: true });
});

test('a promise is told in the time zone of the shop', () => {
  const by = new Date('2026-11-30T02:00:00Z');
  expect([...valuesOfPromise(by, 'Asia/Shanghai', new Date('2026-11-29T23:30:00Z'))]).toEqual([
    ['promisedDate', '2026-11-30'],
    ['promisedTime', '10:00'],
    ['promisedZone', 'Asia/Shanghai'],
    ['promisedHours', '3'],
  ]);
});
