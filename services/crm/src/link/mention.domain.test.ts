import { expect, test } from '@jest/globals';
import { exactNumber, normalNumber, tokensIn } from './mention.domain.ts';

test.each([
  ['Where is 240918abcx7? ', ['240918ABCX7']],
  ['#578912345678901234 please', ['578912345678901234']],
  ['tracking lx928374651cn, order 240918ABCX7', ['LX928374651CN', '240918ABCX7']],
  ['about 113-1234567-1234567', ['11312345671234567']],
  ['240918ABCX7-urgent', ['240918ABCX7URGENT', '240918ABCX7']],
  ['注文240918ABCX7はどこ', ['240918ABCX7']],
  ['２０２６-００００-１７ はどこ', ['2026000017']],
  ['٢٠٢٦-٠٠٠٠-١٧', ['2026000017']],
  ['2026\u20110000\u201117', ['2026000017']],
  ['2409\u200b18ABCX7', ['240918ABCX7']],
  ['short 1234567 and wordswithoutdigits', []],
  ['1234567890123456789012345678901', []],
  ['240918ABCX7 240918abcx7', ['240918ABCX7']],
  ['', []],
])('%j may name %j', (text, tokens) => {
  expect(tokensIn(text)).toEqual(tokens);
});

test('a list of numbers is cut off', () => {
  expect(tokensIn(Array.from({ length: 100 }, (_, i) => `ORDER${10_000_000 + i}`).join(' '))).toHaveLength(20);
});

test('numbers in a text are compared without case and punctuation', () => {
  expect(normalNumber('ab-12 34/x')).toBe('AB1234X');
  expect(normalNumber('注文-一')).not.toBe(normalNumber('注文-二'));
});

test('references are exact, in any spelling of the same characters', () => {
  const spellings = ['2026-0000-17', '２０２６-００００-１７', '٢٠٢٦-٠٠٠٠-١٧', ' 2026-0000-17\u200d'];
  expect(new Set(spellings.map(exactNumber))).toEqual(new Set(['2026-0000-17']));
  expect(new Set(['A-1', 'A1', 'a1', '注文-一', '注文-二', 'Cafe\u0301'].map(exactNumber)).size).toBe(6);
  expect(exactNumber('Cafe\u0301')).toBe(exactNumber('Caf\u00e9'));
});
