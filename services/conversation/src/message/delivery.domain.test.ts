import { expect, test } from '@jest/globals';
import type { DeliveryStatus } from '@crossdesk/contracts';
import { isProgress } from './delivery.domain.ts';

/** What each status may become; everything else is kept out. */
const progress: Record<DeliveryStatus, readonly DeliveryStatus[]> = {
  queued: ['sent', 'delivered', 'read', 'failed', 'unknown'],
  sent: ['delivered', 'read', 'failed'],
  delivered: ['read'],
  read: [],
  failed: ['sent', 'delivered', 'read'],
  unknown: ['queued', 'sent', 'delivered', 'read', 'failed'],
};
const statuses: readonly DeliveryStatus[] = ['queued', 'sent', 'delivered', 'read', 'failed', 'unknown'];

test.each(statuses.flatMap((from) => statuses.map((to) => [from, to] as const)))(
  'a report of a message that is %s: %s',
  (from, to) => {
    expect(isProgress(from, to)).toBe(progress[from].includes(to));
  },
);
