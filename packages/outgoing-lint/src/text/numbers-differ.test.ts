import { expect, test } from '@jest/globals';
import { differingNumbers } from './numbers-differ.ts';

test.each([
  ['You have 14 days.', '您有14天时间。', []],
  ['You have 14 days.', '您有30天时间。', ['14', '30']],
  ['You have 7 days.', 'Sie haben 10 Tage.', ['7', '10']],
  ['It takes 2 days.', 'Es dauert zwei Tage.', []],
  ['It costs 1,299.00 EUR.', 'Es kostet 1.299,00 EUR.', []],
  ['It costs 1,299.00 EUR.', 'Es kostet viel Geld.', ['1,299.00']],
  ['Until 31 December 2026.', 'Bis 31.12.2026.', []],
  ['Until 2026-12-31.', 'Jusqu’au 31 décembre 2026.', []],
  ['Within ١٤ days', 'within 14 days', []],
])('%s / %s', (one, other, expected) => {
  expect(differingNumbers(one, other)).toEqual(expected);
});
