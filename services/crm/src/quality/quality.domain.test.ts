import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { completenessOf, completenessParts, explain, gapKinds } from './quality.domain.ts';

test.each([
  ['customer-without-order', true, false, 'no-order-of-buyer', 'resync-orders'],
  ['customer-without-order', false, false, 'buyer-id-unknown', 'resync-messages'],
  ['conversation-without-order', false, true, 'unknown-order-named', 'resync-orders'],
  ['conversation-without-customer', false, false, 'buyer-anonymous', 'resync-messages'],
  ['order-without-customer', true, false, 'buyer-never-wrote', 'resync-messages'],
  ['order-without-customer', false, false, 'order-without-buyer', 'resync-orders'],
] as const)(
  '%s (buyer id: %s, unknown order named: %s) is %s',
  (kind, hasBuyerId, namesUnknownOrder, reason, remedy) => {
    expect(explain({ kind, hasBuyerId, namesUnknownOrder })).toMatchObject({ reason, remedy });
  },
);

test('every gap is explained in both languages, with a remedy', () => {
  fc.assert(
    fc.property(fc.constantFrom(...gapKinds), fc.boolean(), fc.boolean(), (kind, hasBuyerId, namesUnknownOrder) => {
      const { en, zh, remedy } = explain({ kind, hasBuyerId, namesUnknownOrder });
      expect([en, zh, remedy].every((text) => text !== '')).toBe(true);
    }),
  );
});

test('the score of a customer grows with each part that is known, from 0 to 100', () => {
  fc.assert(
    fc.property(fc.subarray([...completenessParts]), fc.constantFrom(...completenessParts), (known, another) => {
      const before = completenessOf(new Set(known));
      const after = completenessOf(new Set([...known, another]));
      expect(after.score).toBeGreaterThanOrEqual(before.score);
      expect(before.parts.filter(({ isKnown }) => isKnown)).toHaveLength(known.length);
    }),
  );
  expect(completenessOf(new Set()).score).toBe(0);
  expect(completenessOf(new Set(completenessParts)).score).toBe(100);
});
