import type { CustomerId } from '@crossdesk/contracts';
import type { EffectiveConsent } from '../consent/consent.domain.ts';
import { type AssistFact, type BoughtOrder, fact, openOrderFact } from './fact.domain.ts';
import { greet, type Greeting } from './greeting.domain.ts';
import { type Basket, type NoOfferReason, type Offer, offersFrom, refuseOffers } from './offer.domain.ts';

/** Everything that the help for a conversation is derived from, as far as the caller sees it. */
export interface AssistSource {
  readonly customerId: CustomerId;
  readonly displayName: string | null;
  readonly locale: string | null;
  /** The language in which they write in the conversation. */
  readonly spoken: string | null;
  readonly firstSeenAt: Date;
  /** Their latest orders, and those in which something is still to come; latest first. */
  readonly orders: readonly BoughtOrder[];
  readonly orderCount: number;
  /** Open cases, follow-ups, and where else they wrote. */
  readonly open: readonly AssistFact[];
  readonly elsewhere: readonly AssistFact[];
  readonly tags: readonly { readonly name: string; readonly since: Date }[];
  /** Null: they never bought, or the caller does not see all stores. */
  readonly tier: { readonly name: string; readonly computedAt: Date } | null;
  /** The effective consent to marketing; it counts for all profiles, whichever the caller sees. */
  readonly consent: EffectiveConsent;
  readonly consentAt: Date | null;
  readonly isSuppressed: boolean;
  readonly channel: string;
  /** What others bought at the store of the conversation. */
  readonly baskets: readonly Basket[];
}

export interface Assist {
  readonly customerId: CustomerId;
  readonly greeting: Greeting;
  readonly bought: readonly BoughtOrder[];
  readonly open: readonly AssistFact[];
  readonly refusal: NoOfferReason | null;
  readonly offers: readonly Offer[];
  readonly summary: readonly AssistFact[];
}

const boughtMax = 10;

/** What helps a person to answer. Pure: stored facts in, the same facts in their order out. */
export function assistWith(source: AssistSource, now: Date): Assist {
  const { customerId, displayName, locale, spoken, orders } = source;
  const orderRegion = orders.find(({ region }) => region !== null)?.region ?? null;
  const refusal = refuseOffers(source);
  const owned = orders.flatMap(({ skus }) => skus);
  const offers = refusal === null ? offersFrom(source.baskets, owned) : [];
  const open = openMatters(source);
  return {
    customerId,
    greeting: greet({ displayName, locale, spoken, orderRegion, now }),
    bought: orders.slice(0, boughtMax),
    open,
    refusal: refusal ?? (offers.length === 0 ? 'nothing-fits' : null),
    offers,
    summary: summaryOf(source, open),
  };
}

function openMatters({ orders, open }: AssistSource): AssistFact[] {
  const ofOrders = orders.flatMap((order) => openOrderFact(order) ?? []);
  return [...open, ...ofOrders].toSorted((a, b) => b.at.getTime() - a.at.getTime());
}

/** For whoever takes over: who they are, what they bought last, what is open, where else they wrote. */
function summaryOf(source: AssistSource, open: readonly AssistFact[]): AssistFact[] {
  const { customerId, firstSeenAt, orderCount, orders, tags, tier, consent, consentAt } = source;
  const ofThem = { customerId };
  const [latest] = orders;
  const isTold = open.some(({ orderId }) => orderId !== null && orderId === latest?.orderId);
  return [
    fact('known-since', firstSeenAt, null, ofThem),
    ...(tier === null ? [] : [fact('tier', tier.computedAt, tier.name, ofThem)]),
    ...tags.map(({ name, since }) => fact('tag', since, name, ofThem)),
    ...(latest === undefined ? [] : [fact('orders-placed', latest.placedAt, String(orderCount), ofThem)]),
    ...(latest === undefined || isTold ? [] : latestOrder(latest)),
    ...open,
    ...source.elsewhere,
    ...(consentAt === null ? [] : [fact('marketing-consent', consentAt, consent, ofThem)]),
  ];
}

function latestOrder({ orderId, accountId, state, since, placedAt }: BoughtOrder): AssistFact[] {
  return state === null ? [] : [fact('latest-order', since ?? placedAt, state, { orderId, accountId })];
}
