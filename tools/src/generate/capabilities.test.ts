import { expect, test } from '@jest/globals';
import { capabilitiesIn } from './capabilities.ts';

const named = "test('S1-2.1 S5-1.1: an answer is filled', () => {});\ntest.each(cases)('S2-4.1 in %s', () => {});";

test('a title names capabilities by their ids, and other titles none', () => {
  const source = `${named}\ntest('nothing of S1-2.1', () => {});\n`;
  expect(capabilitiesIn('a.test.ts', source)).toEqual([
    { id: 'S1-2.1', sentence: 'an answer is filled', test: 'a.test.ts' },
    { id: 'S5-1.1', sentence: 'an answer is filled', test: 'a.test.ts' },
    { id: 'S2-4.1', sentence: 'in %s', test: 'a.test.ts' },
  ]);
});
