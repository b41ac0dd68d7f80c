import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classify, handlingOf, isMore, priorityOf } from './classify.domain.ts';
import { urgencies } from './feedback.domain.ts';

const of = (text: string, score: number | null = null) => classify({ text, score });

test.each([
  ['The zip broke after a day, bad quality', 'product'],
  ['Parcel arrived late, customs took weeks', 'logistics'],
  ['Support was rude and never replied', 'service'],
  ['Way too expensive', 'price'],
  ['质量很差，穿一次就坏了', 'product'],
  ['快递太慢了', 'logistics'],
  ['客服态度不好', 'service'],
  ['A entrega atrasou muito', 'logistics'],
  ['Der Reißverschluss ist kaputt', 'product'],
  ['Très mauvaise qualité', 'product'],
  ['品質が悪い', 'product'],
  ['배송이 너무 늦어요', 'logistics'],
  ['จัดส่งช้ามาก', 'logistics'],
  ['Nice', 'other'],
  // Words in other words are none.
  ['Latex-free, my cherished translucency', 'other'],
])('%s is about %s', (text, type) => expect(of(text).type).toBe(type));

test('what is dangerous or a matter of the law is urgent at any score, in any case, and the reason says why', () => {
  for (const text of ['The charger CAUGHT FIRE', '充电器起火了', 'Ich gehe zum Anwalt', 'Vou ao PROCON'])
    expect([text, of(text, 5).urgency]).toEqual([text, 'urgent']);
  expect(of('It caught fire, bad quality', 1)).toEqual({
    type: 'product',
    urgency: 'urgent',
    reason: 'score 1; urgent words: caught fire; product words: quality',
  });
});

test('without such words the score decides, and a worse one is never less urgent', () => {
  expect([1, 2, 3, 4, 5, null].map((score) => of('', score).urgency)).toEqual([
    ...['high', 'high', 'normal', 'low', 'low', 'normal'],
  ]);
  expect(urgencies.map(handlingOf)).toEqual(['standard', 'standard', 'special', 'escalation']);
  const score = fc.double({ min: 1, max: 5, noNaN: true });
  fc.assert(
    fc.property(score, score, fc.string(), (a, b, text) => {
      const [worse, better] = [of(text, Math.min(a, b)), of(text, Math.max(a, b))];
      expect(urgencies.indexOf(worse.urgency)).toBeGreaterThanOrEqual(urgencies.indexOf(better.urgency));
      expect(isMore(handlingOf(worse.urgency), handlingOf(better.urgency))).toBe(false);
    }),
  );
});

test('what affects many is looked at sooner', () => {
  const none = { orders: 1, customers: 1 };
  expect(urgencies.map((one) => priorityOf(one, none))).toEqual([...urgencies]);
  expect(urgencies.map((one) => priorityOf(one, { ...none, orders: 3 }))).toEqual([
    ...['normal', 'high', 'urgent', 'urgent'],
  ]);
});
