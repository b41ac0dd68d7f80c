/** What is missing from what is known. */
export const gapKinds = [
  'customer-without-order',
  'conversation-without-order',
  'conversation-without-customer',
  'order-without-customer',
] as const;
export type GapKind = (typeof gapKinds)[number];

/** Why it is missing, as far as the stored facts tell. */
export type GapReason =
  | 'buyer-id-unknown'
  | 'no-order-of-buyer'
  | 'unknown-order-named'
  | 'buyer-anonymous'
  | 'order-without-buyer'
  | 'buyer-never-wrote';

/** What may fill a gap. */
export type Remedy = 'resync-orders' | 'resync-messages' | 'relink';

/** What is stored about something that lacks its other half. */
export interface GapFacts {
  readonly kind: GapKind;
  /** Whether the id is known by which orders name the buyer, or the order names one. */
  readonly hasBuyerId: boolean;
  /** Whether the platform named an order that is not stored. */
  readonly namesUnknownOrder: boolean;
}

export interface Explanation {
  readonly reason: GapReason;
  readonly remedy: Remedy;
  readonly en: string;
  readonly zh: string;
}

const explanations: Readonly<Record<GapReason, Omit<Explanation, 'reason'>>> = {
  'buyer-id-unknown': {
    remedy: 'resync-messages',
    en: 'The platform has not told by which id its orders name this buyer: read the messages again with resync.',
    zh: '平台未提供订单中对应的买家标识：请用 resync 重新同步消息。',
  },
  'no-order-of-buyer': {
    remedy: 'resync-orders',
    en: 'No stored order is of this buyer: read the orders again with resync; perhaps they have not bought yet.',
    zh: '没有该买家的订单：请用 resync 重新同步订单；买家也可能尚未下单。',
  },
  'unknown-order-named': {
    remedy: 'resync-orders',
    en: 'The platform named an order that is not stored: read the orders again with resync.',
    zh: '平台提到的订单尚未入库：请用 resync 重新同步订单。',
  },
  'buyer-anonymous': {
    remedy: 'resync-messages',
    en: 'Nothing but the thread identifies this buyer: read the messages again with resync, or ask for an order number.',
    zh: '除会话外没有任何可识别买家的信息：请用 resync 重新同步消息，或向买家索取订单号。',
  },
  'order-without-buyer': {
    remedy: 'resync-orders',
    en: 'The platform did not name the buyer of this order: read the orders again with resync.',
    zh: '平台未提供该订单的买家：请用 resync 重新同步订单。',
  },
  'buyer-never-wrote': {
    remedy: 'resync-messages',
    en: 'The buyer of this order is not known from any conversation: nothing is wrong if they never wrote; else read the messages again with resync.',
    zh: '该订单的买家没有任何会话：如未曾咨询则属正常，否则请用 resync 重新同步消息。',
  },
};

/** Why something is missing, and what may fill it. */
export function explain({ kind, hasBuyerId, namesUnknownOrder }: GapFacts): Explanation {
  const reason = reasonOf(kind, hasBuyerId, namesUnknownOrder);
  return { reason, ...explanations[reason] };
}

function reasonOf(kind: GapKind, hasBuyerId: boolean, namesUnknownOrder: boolean): GapReason {
  switch (kind) {
    case 'customer-without-order':
    case 'conversation-without-order':
      if (namesUnknownOrder) return 'unknown-order-named';
      return hasBuyerId ? 'no-order-of-buyer' : 'buyer-id-unknown';
    case 'conversation-without-customer':
      return 'buyer-anonymous';
    case 'order-without-customer':
      return hasBuyerId ? 'buyer-never-wrote' : 'order-without-buyer';
  }
}

export const completenessParts = ['name', 'language', 'buyer-id', 'contact', 'conversation', 'order'] as const;
export type CompletenessPart = (typeof completenessParts)[number];

/** A part of what can be known of a customer. */
export interface KnownPart {
  readonly part: CompletenessPart;
  readonly isKnown: boolean;
}

/** How much is known of a customer: the share of the parts, in percent, and the parts themselves. */
export function completenessOf(known: ReadonlySet<CompletenessPart>): {
  readonly score: number;
  readonly parts: KnownPart[];
} {
  const parts = completenessParts.map((part) => ({ part, isKnown: known.has(part) }));
  return { score: Math.round((known.size / completenessParts.length) * 100), parts };
}
