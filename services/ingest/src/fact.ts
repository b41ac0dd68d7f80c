import type { Fact, NormalisedMessage } from '@crossdesk/channels/adapters';
import type { PlatformOrder } from '@crossdesk/contracts';
import type { ConnectedAccount } from './account/connected-account.ts';

/** The part of an account that recording needs: no secrets. */
export type AccountName = Pick<ConnectedAccount, 'id' | 'tenantId' | 'channel' | 'country'>;

/** One report of a platform about an account. */
export interface IncomingFact {
  readonly account: AccountName;
  readonly fact: Fact;
  readonly receivedAt: Date;
  /** The trace of the webhook that brought it; null if it was polled or read back, and while nothing is traced. */
  readonly traceparent: string | null;
  /** The id of the kept bytes it was read from; null if it was polled or read back. */
  readonly rawId: string | null;
}

/**
 * Messages of a list, oldest first. If the platform does not number messages, the order of recording is their only
 * order.
 */
export function messagesListed(
  account: AccountName,
  messages: readonly NormalisedMessage[],
  receivedAt: Date,
): IncomingFact[] {
  return inPlatformOrder(messages).map((message) => ({
    account,
    fact: { type: 'message', message },
    receivedAt,
    traceparent: null,
    rawId: null,
  }));
}

/** Orders of a list, or one that was asked for. */
export function ordersListed(account: AccountName, orders: readonly PlatformOrder[], receivedAt: Date): IncomingFact[] {
  return orders.map((order) => ({
    account,
    fact: { type: 'order', order },
    receivedAt,
    traceparent: null,
    rawId: null,
  }));
}

/** Oldest first, in the order of the platform's numbers. */
export function inPlatformOrder(messages: readonly NormalisedMessage[]): NormalisedMessage[] {
  return messages.toSorted(
    (a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || bySequence(a.sequence, b.sequence),
  );
}

/** Decimal text of any length: the longer one is the larger number. */
function bySequence(a: string | null, b: string | null): number {
  if (a === null || b === null || a === b) return 0;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}
