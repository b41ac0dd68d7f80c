import { expect, test } from '@jest/globals';
import { type ChannelAccountId, newId, type OrderId, type TenantId } from '@crossdesk/contracts';
import { namesTouched, type OrderRef } from './order.domain.ts';

const known: OrderRef = {
  tenantId: newId<TenantId>(),
  orderId: newId<OrderId>(),
  accountId: newId<ChannelAccountId>(),
  externalOrderId: '240918ABCX7',
  reference: '240918ABCX7',
  orderNumber: '240918ABCX7',
  buyerExternalId: 'buyer-1',
  placedAt: new Date('2026-01-02'),
  ...{ state: 'to_ship', total: null, region: null, skus: [] },
  version: 1,
  trackingNumbers: ['LX928374650CN'],
};

test('an order that changes its buyer touches who named a tracking number that it had before', () => {
  const moved = { ...known, version: 2, buyerExternalId: null, trackingNumbers: ['LX928374651CN'] };
  const texts = namesTouched(moved, known).filter(({ kind }) => kind === 'text');
  expect(texts.map(({ token }) => token).sort()).toEqual(['240918ABCX7', 'LX928374650CN', 'LX928374651CN']);
  expect(namesTouched({ ...known, version: 2 }, known)).toEqual([]);
});
