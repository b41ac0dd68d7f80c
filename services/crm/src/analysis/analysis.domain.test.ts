import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultModel } from '../value/tier/tier-model.domain.ts';
import { analyse, type AnalysedCustomer, breakdown, countMin } from './analysis.domain.ts';

const now = new Date('2026-06-01T00:00:00.000Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const order = (days: number) => ({
  ...{ placedAt: daysAgo(days), state: 'completed', total: { minor: 10_000n, currency: 'USD' } },
  ...{ region: 'BR', skus: [] },
});

/** Somebody who bought 380 days ago, when they were in POTENTIAL, and perhaps since. */
const customer = (isRetained: boolean): AnalysedCustomer => ({
  orders: isRetained ? [order(380), order(10)] : [order(380)],
  tier: 'POTENTIAL',
  yearSpentMinor: 12_000n,
  region: 'BR',
  channels: ['whatsapp', 'shopee'],
});
const analysed = (customers: readonly AnalysedCustomer[]) =>
  analyse({ customers, enquiries: customers.map(() => 'logistics'), model: defaultModel, rates: new Map(), now });

test('the value of a tier is its spend of a year times r + r^2 + r^3', () => {
  const half = Array.from({ length: 40 }, (_, n) => customer(n % 2 === 0));
  const { tiers, needs, regions, channels } = analysed(half);
  expect(tiers.find(({ tier }) => tier === 'POTENTIAL')).toEqual({
    ...{ tier: 'POTENTIAL', customers: 40, yearSpendMinor: 12_000n },
    ...{ retentionBase: 40, retained: 20, retention: 0.5, clvMinor: 10_500n },
  });
  expect(needs).toEqual({ total: 40, isTooFew: false, parts: [{ name: 'logistics', count: 40, share: 1 }] });
  expect(regions.parts).toEqual([{ name: 'BR', count: 40, share: 1 }]);
  // Somebody who writes on two channels counts for both.
  expect(channels.parts).toEqual([
    { name: 'shopee', count: 40, share: 1 },
    { name: 'whatsapp', count: 40, share: 1 },
  ]);
});

test('too few customers give counts, and no number that is computed from them', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: countMin - 1 }), (retained) => {
      const { customers, tiers, needs } = analysed(retained.map(customer));
      expect(customers).toBe(retained.length);
      expect(needs).toEqual({ total: retained.length, isTooFew: true, parts: [] });
      for (const { yearSpendMinor, retention, clvMinor } of tiers)
        expect([yearSpendMinor, retention, clvMinor]).toEqual([null, null, null]);
    }),
  );
});

test('the shares of a breakdown are those of the whole, the most frequent first', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: countMin }), (names) => {
      const { parts } = breakdown(names);
      expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(names.length);
      expect(parts.map(({ count }) => count)).toEqual(parts.map(({ count }) => count).toSorted((a, b) => b - a));
    }),
  );
});
