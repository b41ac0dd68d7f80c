import type { NormalisedMessage } from '../channel/channel.port.ts';

/**
 * Oldest first, as the platform counts. Lists come newest first, and ids are given in the order of recording: where the
 * platform has no count of its own, the ids alone tell which message of one second came first.
 */
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
