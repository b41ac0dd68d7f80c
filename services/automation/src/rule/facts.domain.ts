import { minorDigitsOf } from '@crossdesk/contracts';
import type { Risk } from '../analysis/risks.domain.ts';
import type { Understanding } from '../analysis/understanding.domain.ts';
import type { Facts } from './field.domain.ts';

/** What crm and the history of a conversation tell about it; `isLinked`: crm has looked for its customer and order. */
export interface KnownConversation {
  readonly isLinked: boolean;
  readonly hasOrder: boolean;
  readonly messageCount: number;
  readonly customer: KnownCustomer;
}

/** What crm says of the customer of a linked conversation. */
export interface KnownCustomer {
  /** Folded. */
  readonly tags: readonly string[];
  readonly tier: string | null;
}

export interface KnownOrder {
  readonly state: string;
  readonly placedAt: Date;
  readonly total: number | null;
  readonly currency: string | null;
}

/** What the machine found out about a message. */
export interface KnownMessage {
  readonly language: string | null;
  /** The phrases of the rules that its text has; null for a message without text. */
  readonly phrases: readonly string[] | null;
  readonly kind: string;
  readonly isFirst: boolean;
  /** Null for a message without words. */
  readonly understanding:
    (Pick<Understanding, 'intents' | 'sentiment'> & { readonly risks: readonly Pick<Risk, 'class'>[] }) | null;
}

/** A conversation as its events and our facts tell it. */
interface Snapshot {
  readonly channel: string;
  readonly accountId: string;
  readonly state: string;
  readonly assigneeId: string | null;
  readonly waitingSince: string | Date | null;
}

interface Sources {
  readonly snapshot: Snapshot;
  readonly known: KnownConversation;
  readonly order: KnownOrder | null;
  /** Null for an event that is no message. */
  readonly message: KnownMessage | null;
  readonly now: Date;
}

/** All that conditions may ask, as far as it is known. The time of day depends on the rule and is added there. */
export function factsOf({ snapshot, known, order, message, now }: Sources): Facts {
  return {
    'message.channel': snapshot.channel,
    'message.account': snapshot.accountId,
    'conversation.state': snapshot.state,
    'conversation.isAssigned': snapshot.assigneeId !== null,
    'conversation.waitingMinutes':
      snapshot.waitingSince === null ? 0 : wholeSince(new Date(snapshot.waitingSince), now, minuteMs),
    'conversation.messageCount': known.messageCount,
    ...(message === null ? {} : messageFacts(message)),
    ...linkFacts(known, order, now),
  };
}

function messageFacts({ language, phrases, kind, isFirst, understanding }: KnownMessage): Facts {
  return {
    'message.kind': kind,
    'message.isFirst': isFirst,
    ...(language === null ? {} : { 'message.language': language.split('-')[0] ?? language }),
    ...(phrases === null ? {} : { 'message.words': phrases }),
    ...(understanding === null ? {} : understoodFacts(understanding)),
  };
}

const signOf = { negative: -1, neutral: 0, positive: 1 } as const;

/** Rules act by themselves, so they know only the intents that are certain. */
function understoodFacts({ intents, sentiment, risks }: NonNullable<KnownMessage['understanding']>): Facts {
  return {
    'message.intents': intents.flatMap(({ intent, isCertain }) => (isCertain ? [intent] : [])),
    'message.sentiment': signOf[sentiment.label] * sentiment.score,
    'message.risks': [...new Set(risks.map((risk) => risk.class))],
  };
}

/** What is known once crm has linked the conversation. */
export function linkFacts(
  { isLinked, hasOrder, customer }: KnownConversation,
  order: KnownOrder | null,
  now: Date,
): Facts {
  if (!isLinked) return {};
  const linked = { 'message.hasOrder': hasOrder, ...customerFacts(customer) };
  if (order === null) return linked;
  return {
    ...linked,
    'order.state': order.state,
    'order.daysSincePlaced': wholeSince(order.placedAt, now, 24 * 60 * minuteMs),
    ...(order.total === null ? {} : { 'order.total': order.total }),
    ...(order.currency === null ? {} : { 'order.currency': order.currency }),
  };
}

function customerFacts({ tags, tier }: KnownCustomer): Facts {
  return { 'customer.tags': tags, ...(tier === null ? {} : { 'customer.tier': tier }) };
}

const minuteMs = 60_000;

function wholeSince(then: Date, now: Date, unitMs: number): number {
  return Math.max(0, Math.floor((now.getTime() - then.getTime()) / unitMs));
}

/** The total in units of its currency; null if the order or the list of currencies does not tell it. */
export function totalOf(minor: string | null, currency: string | null): number | null {
  const digits = currency === null ? null : minorDigitsOf(currency);
  return minor === null || digits === null ? null : Number(minor) / 10 ** digits;
}
