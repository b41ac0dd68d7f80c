import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ratesOf } from '../rate/rate.domain.ts';
import { defaultModel as model, limitsOf, readModel } from '../tier/tier-model.domain.ts';
import { dayMs, nextChangeAt, type OrderWorth, worthOf } from './worth.domain.ts';

const now = new Date('2026-11-30T12:00:00.000Z');
const rates = ratesOf([{ currency: 'USD', day: '2020-01-01', perEur: '1' }]);
const basis = { model, rates, now };

function order(daysAgo: number, minor = 1_000n, more: Partial<OrderWorth> = {}): OrderWorth {
  const placedAt = new Date(now.getTime() - daysAgo * dayMs);
  return { placedAt, state: 'completed', total: { minor, currency: 'USD' }, region: null, skus: [], ...more };
}

test.each<[string, OrderWorth[], string | null]>([
  ['who never bought has no tier', [], null],
  [
    'an unpaid or cancelled order is none',
    [order(1, 1n, { state: 'cancelled' }), order(1, 1n, { state: 'pending_payment' })],
    null,
  ],
  ['who has just begun is promising', [order(10)], 'POTENTIAL'],
  ['often, much and lately is the best', [order(10, 20_000n), order(11, 20_000n), order(170, 100n)], 'HIGH_VALUE'],
  ['a quarter without an order is regular', [order(100)], 'REGULAR'],
  ['half a year is little', [order(200)], 'LOW_ACTIVE'],
  ['a tier falls a week late', [order(186)], 'REGULAR'],
  ['and then it falls', [order(188)], 'LOW_ACTIVE'],
])('%s', (_, orders, tier) => {
  expect(worthOf(orders, basis).tier).toBe(tier);
});

const orders = fc.array(
  fc.record({
    days: fc.integer({ min: 0, max: 800 }),
    minor: fc.bigInt({ min: 0n, max: 10_000_000n }),
    currency: fc.constantFrom('USD', 'EUR', 'VND'),
    state: fc.constantFrom('completed', 'cancelled', null),
    sku: fc.constantFrom('a', 'b', 'c'),
  }),
  { maxLength: 12 },
);
const toOrders = (
  some: readonly { days: number; minor: bigint; currency: string; state: string | null; sku: string }[],
) =>
  some.map(({ days, minor, currency, state, sku }) =>
    order(days, 0n, { total: { minor, currency }, state, skus: [sku] }),
  );

test('the order in which orders became known does not matter', () => {
  fc.assert(
    fc.property(orders, fc.integer(), (some, seed) => {
      const all = toOrders(some);
      const shuffled = all
        .map((one, n) => ({ one, key: Math.imul(seed + n, 2_654_435_761) }))
        .toSorted((a, b) => a.key - b.key);
      expect(
        worthOf(
          shuffled.map(({ one }) => one),
          basis,
        ),
      ).toEqual(worthOf(all, basis));
    }),
  );
});

test('nothing changes by time before the next change, whatever the orders', () => {
  fc.assert(
    fc.property(orders, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (some, share) => {
      const all = toOrders(some);
      const next = nextChangeAt(all, { model, now }, [])?.getTime() ?? now.getTime() + 1_000 * dayMs;
      const later = new Date(now.getTime() + Math.floor((next - 1 - now.getTime()) * share));
      expect(worthOf(all, { ...basis, now: later })).toEqual(worthOf(all, basis));
    }),
  );
});

test('limits from the data rise, equal values score equally, and a model is read strictly', () => {
  expect(limitsOf({ days: [3, 3, 40, 40], counts: [1, 1, 2, 2], minors: ['0', '1050', '1050', '99900'] }, 2)).toEqual({
    ...{ recencyDays: [3, 4, 40, 41], frequencyCounts: [2, 3, 4, 5], monetaryAmounts: [1, 11, 12, 999] },
  });
  expect(readModel(model)).toEqual({ ok: true, value: model });
  const broken = readModel({
    ...model,
    currency: 'XXQ',
    recencyDays: [1, 1, 2, 3],
    tiers: [{ ...model.tiers[0], name: '?' } as never],
  });
  expect(broken.ok ? [] : broken.errors.map(({ path }) => path.slice(2).join('.'))).toEqual([
    ...['currency', 'recencyDays', 'tiers.0.name', 'tiers.0'],
  ]);
});
