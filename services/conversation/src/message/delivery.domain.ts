import type { DeliveryFailure, DeliveryStatus } from '@crossdesk/contracts';

export interface Delivery {
  readonly status: DeliveryStatus;
  readonly failure: DeliveryFailure | null;
  /** The words of the platform. */
  readonly detail: string | null;
  readonly updatedAt: Date;
}

const rank: Readonly<Record<'queued' | 'sent' | 'delivered' | 'read', number>> = {
  queued: 0,
  sent: 1,
  delivered: 2,
  read: 3,
};

/**
 * Whether a report moves the delivery on. Reports come late and twice, so a status only ever grows; `unknown` is open to
 * every report and takes nothing back but `queued`; a failure stays unless the buyer got the message after all.
 */
export function isProgress(current: DeliveryStatus, reported: DeliveryStatus): boolean {
  if (current === reported) return false;
  if (current === 'unknown') return true;
  if (reported === 'unknown') return current === 'queued';
  if (current === 'failed') return reported === 'sent' || reported === 'delivered' || reported === 'read';
  if (reported === 'failed') return current === 'queued' || current === 'sent';
  return rank[reported] > rank[current];
}
