import { expect, test } from '@jest/globals';
import { majorText } from './model.ts';

test.each([
  ['GB', 1_299, '12.99'],
  ['GB', 7, '0.07'],
  ['JP', 1_299, '1299'],
] as const)('in %s, %i minor units are written as %s', (region, minor, written) => {
  expect(majorText(minor, region)).toBe(written);
});
