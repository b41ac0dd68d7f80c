import { expect, test } from '@jest/globals';
import { newId, type SlaPolicyId, type TenantId } from '@crossdesk/contracts';
import fc from 'fast-check';
import type { Policy } from '../clock/policy.domain.ts';
import { placePolicy } from './policy-change.domain.ts';

const tenantId = newId<TenantId>();
const conditions = {
  ...{ accountIds: null, channels: null, priorities: null, enquiryTypes: null, calendarId: null },
  ...{ customerTags: null, customerTiers: null },
};

function policyAt(position: number): Policy {
  const id = newId<SlaPolicyId>();
  const about = { tenantId, id, name: id, isActive: true, warnPercent: 75, targets: [], createdAt: new Date(0) };
  return { ...about, ...conditions, position, version: 1 };
}

test('a policy comes to its place; the others keep their order, and only those that move get a new version', () => {
  const cases = fc
    .integer({ min: 0, max: 8 })
    .chain((count) => fc.tuple(fc.constant(count), fc.nat(count), fc.integer({ min: -1, max: 10 })));
  fc.assert(
    fc.property(cases, ([count, nth, place]) => {
      const present = Array.from({ length: count }, (_, index) => policyAt(index + 1));
      // The one behind the last is new.
      const policy = present[nth] ?? policyAt(count + 1);
      const others = present.filter((one) => one !== policy);
      const outcome = placePolicy(present, policy, place);
      if (place < 1 || place > others.length + 1) return expect(outcome.ok).toBe(false);
      if (!outcome.ok) throw new Error('refused');
      const changed = new Map(outcome.value.changed.map((one) => [one.id, one]));
      const after = [...others, policy]
        .map((one) => changed.get(one.id) ?? one)
        .toSorted((a, b) => a.position - b.position);
      expect(after.map(({ position }) => position)).toEqual(after.map((_, index) => index + 1));
      expect(after[place - 1]?.id).toBe(policy.id);
      expect(after.flatMap(({ id }) => (id === policy.id ? [] : [id]))).toEqual(others.map(({ id }) => id));
      for (const one of others) {
        const next = changed.get(one.id);
        expect(next?.version ?? 1).toBe(next === undefined ? 1 : 2);
        expect(next === undefined).toBe(after.find(({ id }) => id === one.id)?.position === one.position);
      }
    }),
  );
});

test('without a place nothing moves', () => {
  const [first, second] = [policyAt(1), policyAt(2)];
  expect(placePolicy([first, second], second, null)).toEqual({
    ok: true,
    value: { policy: second, changed: [second] },
  });
});
