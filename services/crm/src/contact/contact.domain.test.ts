import { expect, test } from '@jest/globals';
import { type ChannelAccountId, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { bounced, bounceOf, type ContactPoint } from './contact.domain.ts';

const point: ContactPoint = {
  tenantId: newId<TenantId>(),
  conversationId: newId<ConversationId>(),
  accountId: newId<ChannelAccountId>(),
  channel: 'whatsapp',
  lastInboundAt: null,
  softBounces: [],
  unreachableSince: null,
  unreachableReason: null,
};
const day = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000);

test('a hard bounce ends it at once, soft ones only when three come within 14 days', () => {
  expect(bounced(point, 'hard', day(1)).unreachableReason).toBe('hard-bounce');
  fc.assert(
    fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 8 }), (days) => {
      const sorted = days.toSorted((a, b) => a - b);
      const after = sorted.reduce((known, n) => bounced(known, 'soft', day(n)), point);
      const isOver = sorted.some((n, i) => i >= 2 && n - (sorted[i - 2] ?? n) < 14);
      expect(after.unreachableSince !== null).toBe(isOver);
    }),
  );
});

test('a buyer who has written since was reached', () => {
  expect(bounced({ ...point, lastInboundAt: day(2) }, 'hard', day(1)).unreachableSince).toBeNull();
});

test('a full quota or a closed window says nothing about the buyer', () => {
  expect(['QUOTA', 'WINDOW_CLOSED', 'REAUTHORISE', null].map(bounceOf)).toEqual([null, null, null, null]);
});
