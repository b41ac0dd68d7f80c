import type { Fact, NormalisedMessage } from '@crossdesk/channels/adapters';
import type { ConnectedAccount } from './account/connected-account.ts';

/** Of an account, what recording needs: no secrets. */
export type AccountName = Pick<ConnectedAccount, 'id' | 'tenantId' | 'channel'>;

/** One thing a platform told of an account. */
export interface IncomingFact {
  readonly account: AccountName;
  readonly fact: Fact;
  readonly receivedAt: Date;
  /** Of the webhook that brought it; null for what was polled or read back, and while nothing is traced. */
  readonly traceparent: string | null;
  /** Where the bytes are kept that told it; null for what was polled or read back. */
  readonly rawId: string | null;
}

/** Messages of a list, oldest first: where a platform does not count, the order of recording is all there is. */
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

/** Oldest first, as the platform counts. */
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
