import type { Buyer, PlatformOrder } from '@crossdesk/contracts';
import { isBlank } from '@crossdesk/service-kit';
import type { BoundedFact, BoundedMessage } from './bounded.ts';

/** How far the clock of a platform may be ahead of ours. */
const aheadMsMax = 5 * 60_000;
/** No platform is older: an earlier time is a clock that was never set, or a wrong unit. */
const earliestMs = Date.UTC(2000, 0, 1);

/** A fact as it may be recorded, and the time that its platform gave if that was not believed. */
export interface Believable {
  readonly fact: BoundedFact;
  readonly claimedAt: Date | null;
}

/**
 * What of a fact can be believed: names that can be seen, and a time that is not after its receipt. A message
 * of the year 2096 would stay the latest one for ever, and hide all later ones.
 */
export function believable(fact: BoundedFact, receivedAt: Date): Believable {
  switch (fact.type) {
    case 'message': {
      const isOdd = !isPossible(fact.message.occurredAt, receivedAt);
      const message = named(isOdd ? { ...fact.message, occurredAt: receivedAt } : fact.message);
      return { fact: { ...fact, message }, claimedAt: isOdd ? fact.message.occurredAt : null };
    }
    case 'change': {
      const { change } = fact;
      const occurredAt = isPossible(change.occurredAt, receivedAt) ? change.occurredAt : receivedAt;
      return {
        fact: { ...fact, change: { ...change, buyer: believableBuyer(change.buyer), occurredAt } },
        claimedAt: occurredAt === change.occurredAt ? null : change.occurredAt,
      };
    }
    case 'receipt':
      return isPossible(fact.occurredAt, receivedAt)
        ? { fact, claimedAt: null }
        : { fact: { ...fact, occurredAt: receivedAt }, claimedAt: fact.occurredAt };
    case 'order':
      return { fact: { ...fact, order: believableOrder(fact.order, receivedAt) }, claimedAt: null };
    case 'feedback': {
      const given = new Date(fact.feedback.givenAt);
      const givenAt = (isPossible(given, receivedAt) ? given : receivedAt).toISOString();
      const feedback = { ...fact.feedback, text: visible(fact.feedback.text), givenAt };
      return { fact: { ...fact, feedback }, claimedAt: null };
    }
    default:
      return { fact, claimedAt: null };
  }
}

function isPossible(at: Date, receivedAt: Date): boolean {
  return at.getTime() >= earliestMs && at.getTime() <= receivedAt.getTime() + aheadMsMax;
}

function named(message: BoundedMessage): BoundedMessage {
  return { ...message, buyer: believableBuyer(message.buyer) };
}

/** The buyer without names and addresses that nobody can see. */
export function believableBuyer(buyer: Buyer): Buyer {
  return { ...buyer, name: visible(buyer.name), email: visible(buyer.email), phone: visible(buyer.phone) };
}

function believableOrder(order: PlatformOrder, receivedAt: Date): PlatformOrder {
  const { recipient, buyerName } = order;
  const shown = {
    ...order,
    buyerName: visible(buyerName),
    recipient: recipient === null ? null : { ...recipient, name: visible(recipient.name) },
  };
  const now = receivedAt.toISOString();
  const placedAt = isPossible(new Date(order.placedAt), receivedAt) ? order.placedAt : now;
  if (isPossible(new Date(order.platformUpdatedAt), receivedAt)) return { ...shown, placedAt };
  return { ...shown, placedAt, platformUpdatedAt: now, claimedUpdatedAt: order.platformUpdatedAt };
}

function visible(text: string | null): string | null {
  return text === null || isBlank(text) ? null : text.trim();
}
