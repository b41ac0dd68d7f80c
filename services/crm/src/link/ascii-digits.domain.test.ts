import { expect, test } from '@jest/globals';
import { asciiDigits } from './ascii-digits.domain.ts';

const digitsOf = (numberingSystem: string) =>
  new Intl.NumberFormat('en', { numberingSystem, useGrouping: false, minimumIntegerDigits: 10 }).format(123_456_789);

test('the digits of every script become 0 to 9, all other characters stay', () => {
  const systems = Intl.supportedValuesOf('numberingSystem').filter((system) => /^\p{Nd}{10}$/u.test(digitsOf(system)));
  expect(systems.length).toBeGreaterThan(70);
  expect(systems.filter((system) => asciiDigits(digitsOf(system)) !== '0123456789')).toEqual([]);
  expect(asciiDigits('注文-一 Ⅳ ½ a7')).toBe('注文-一 Ⅳ ½ a7');
});
