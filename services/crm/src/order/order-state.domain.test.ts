import { expect, test } from '@jest/globals';
import { type ChannelAccountId, newId, type OrderId, type TenantId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { newSteps, type OrderStep, stepKey } from './order-state.domain.ts';

const one = { tenantId: newId<TenantId>(), orderId: newId<OrderId>(), accountId: newId<ChannelAccountId>() };
const states = ['to_ship', 'shipped', 'delivered', 'return_open'] as const;

test('cut into batches anywhere, and told again, an order comes to the same states', () => {
  const snapshots = fc
    .array(fc.constantFrom(...states), { minLength: 1, maxLength: 12 })
    .map((all) => all.map((state, i): OrderStep => ({ ...one, state, version: i + 1, at: new Date(i) })));
  fc.assert(
    fc.property(snapshots, fc.nat(12), (all, cut) => {
      const whole = newSteps(all, new Map());
      const first = newSteps(all.slice(0, cut), new Map());
      const last = first.at(-1);
      const known = new Map(last === undefined ? [] : [[stepKey(last), last]]);
      // The second batch repeats the first one.
      expect([...first, ...newSteps(all, known)]).toEqual(whole);
      expect(whole.every((step, i) => step.state !== whole[i - 1]?.state)).toBe(true);
    }),
  );
});
