import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { convert, type Rate, ratesOf, readPerEur } from './rate.domain.ts';
import { withShipped } from './shipped-rates.ts';

const rate = (currency: string, day: string, perEur: string): Rate => ({ currency, day, perEur });
const rates = ratesOf([
  rate('USD', '2026-01-01', '1.25'),
  rate('USD', '2026-03-01', '1.6'),
  rate('JPY', '2026-01-01', '160'),
  rate('KWD', '2026-01-01', '0.32'),
]);

test.each([
  [100n, 'EUR', 'USD', '2026-02-28', 125n],
  [100n, 'EUR', 'USD', '2026-03-01', 160n],
  [1_000n, 'USD', 'JPY', '2026-02-01', 1_280n],
  [1_280n, 'JPY', 'USD', '2026-02-01', 1_000n],
  [3_200n, 'KWD', 'EUR', '2026-02-01', 1_000n],
  // Half to even, on both sides of zero.
  [2n, 'USD', 'EUR', '2026-01-01', 2n],
  [-125n, 'USD', 'EUR', '2026-01-01', -100n],
])('%s of %s in %s on %s is %s', (minor, from, into, day, expected) => {
  expect(convert({ minor, currency: from }, into, day, rates)?.minor).toBe(expected);
});

test('without a rate on that day there is no amount, and a shipped rate gives way to that of the workspace', () => {
  expect(convert({ minor: 100n, currency: 'USD' }, 'EUR', '2025-12-31', rates)).toBeNull();
  expect(convert({ minor: 100n, currency: 'TWD' }, 'EUR', '2026-02-01', rates)).toBeNull();
  expect(convert({ minor: 100n, currency: 'TWD' }, 'TWD', '2026-02-01', rates)).toEqual({
    minor: 100n,
    ratesFrom: null,
  });
  const own = withShipped([rate('USD', '2024-01-01', '2')]);
  expect(convert({ minor: 100n, currency: 'EUR' }, 'USD', '2024-06-01', own)).toEqual({
    minor: 200n,
    ratesFrom: '2024-01-01',
  });
  expect(convert({ minor: 100n, currency: 'EUR' }, 'USD', '2023-06-01', own)?.minor).toBe(108n);
  const early = withShipped([rate('USD', '2023-02-01', '3')]);
  expect(convert({ minor: 100n, currency: 'EUR' }, 'USD', '2024-06-01', early)?.minor).toBe(300n);
});

test('an amount there and back is off by no more than the rounding of both ways', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), (minor) => {
      const there = convert({ minor, currency: 'USD' }, 'EUR', '2026-02-01', rates);
      const back = convert({ minor: there?.minor ?? 0n, currency: 'EUR' }, 'USD', '2026-02-01', rates);
      expect(Math.abs(Number((back?.minor ?? 0n) - minor))).toBeLessThanOrEqual(1);
    }),
  );
});

test.each([
  ['034.750', '34.75'],
  [' 7 ', '7'],
  ['0', null],
  ['0.000', null],
  ['-1', null],
  ['1,5', null],
  ['1e3', null],
  ['0.123456789', null],
])('%j as a rate is %j', (text, expected) => {
  expect(readPerEur(text)).toBe(expected);
});
