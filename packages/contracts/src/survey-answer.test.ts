import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { surveyScoreOf } from './survey-answer.ts';

const of = (text: string) => surveyScoreOf({ kind: 'text', text });

test.each([
  ['1', 1],
  [' 5\n', 5],
  ['４', 4],
  ['٣', 3],
  ['۵', 5],
  ['२', 2],
  ['๔', 4],
  ['三', 3],
  ['2️⃣', 2],
  ['⑤', 5],
  ['0', null],
  ['6', null],
  ['5 stars', null],
  ['4.5', null],
  ['100/100', null],
  ['12', null],
  ['👍', null],
  ['', null],
  ['2 2', null],
])('%j is %j', (text, score) => expect(of(text)).toBe(score));

test('a button answers by its payload, whatever its title says', () => {
  const choice = (title: string, externalChoiceId: string | null) =>
    surveyScoreOf({ kind: 'choice', title, description: null, externalChoiceId });
  expect([choice('Very good', 'survey:5'), choice('4', null), choice('Yes', 'survey:9')]).toEqual([5, 4, null]);
});

test('a score is a whole number from 1 to 5, and blanks around it mean nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const score = of(text);
      expect(score === null || [1, 2, 3, 4, 5].includes(score)).toBe(true);
      if (text.length < 10) expect(of(` ${text}\u200d `)).toBe(score);
    }),
  );
});
