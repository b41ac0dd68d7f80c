import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Basket, offersFrom, refuseOffers } from './offer.domain.ts';

const basket = fc.record({
  buyer: fc.uuid(),
  skus: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 }),
});

test('an offer is nothing they have, was bought by at least three alike, and oftener than by chance', () => {
  fc.assert(
    fc.property(fc.array(basket, { maxLength: 30 }), fc.subarray(['a', 'b', 'c']), (baskets, owned) => {
      for (const offer of offersFrom(baskets, owned)) {
        const has = (one: Basket, sku: string) => one.skus.includes(sku);
        const alike = baskets.filter((one) => owned.some((sku) => has(one, sku)));
        expect(owned).not.toContain(offer.sku);
        expect(offer.boughtBoth).toBe(alike.filter((one) => has(one, offer.sku)).length);
        expect(offer.boughtBoth).toBeGreaterThanOrEqual(3);
        expect(offer.lift).toBeGreaterThan(1);
        expect(offer.becauseOf.every((sku) => owned.includes(sku))).toBe(true);
      }
    }),
  );
});

test('without consent, against an objection and where the platform forbids it nothing is offered', () => {
  const facts = { consent: 'granted', isSuppressed: false, channel: 'generic' } as const;
  expect(refuseOffers(facts)).toBeNull();
  expect(refuseOffers({ ...facts, consent: 'unknown' })).toBe('no-consent');
  expect(refuseOffers({ ...facts, consent: 'withdrawn' })).toBe('objected');
  expect(refuseOffers({ ...facts, isSuppressed: true })).toBe('address-suppressed');
  expect(refuseOffers({ ...facts, channel: 'amazon' })).toBe('policy');
  expect(refuseOffers({ ...facts, channel: 'unknown' })).toBe('policy');
});
