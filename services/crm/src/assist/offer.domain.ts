import type { EffectiveConsent } from '../consent/consent.domain.ts';
import { outreachPolicies } from '../outreach/policy.domain.ts';

/** What one buyer bought at a store. */
export interface Basket {
  readonly buyer: string;
  readonly skus: readonly string[];
}

/** Goods that buyers of the same goods bought as well, with the counts that say so. */
export interface Offer {
  readonly sku: string;
  /** Which of the customer's goods these buyers have. */
  readonly becauseOf: readonly string[];
  /** Buyers of those goods, those of them who bought this as well, and all buyers that were looked at. */
  readonly buyersOfTheirs: number;
  readonly boughtBoth: number;
  readonly buyers: number;
  /** How much likelier its purchase is among them than among all. */
  readonly lift: number;
}

/** Fewer buyers prove nothing. A matter of taste. */
const bothMin = 3;
const offersMax = 3;

/** What goes with the goods of a customer, by what others bought at the same store. Pure. */
export function offersFrom(baskets: readonly Basket[], theirs: readonly string[]): Offer[] {
  const owned = new Set(theirs);
  const alike = baskets.filter(({ skus }) => skus.some((sku) => owned.has(sku)));
  const buyersOf = (sku: string) => baskets.filter(({ skus }) => skus.includes(sku)).length;
  const candidates = new Set(alike.flatMap(({ skus }) => skus).filter((sku) => !owned.has(sku)));
  return [...candidates]
    .flatMap((sku): Offer[] => {
      const both = alike.filter(({ skus }) => skus.includes(sku));
      if (both.length < bothMin) return [];
      const lift = both.length / alike.length / (buyersOf(sku) / baskets.length);
      const becauseOf = [...new Set(both.flatMap(({ skus }) => skus.filter((one) => owned.has(one))))].toSorted();
      const counts = { buyersOfTheirs: alike.length, boughtBoth: both.length, buyers: baskets.length };
      return lift > 1 ? [{ sku, becauseOf, ...counts, lift }] : [];
    })
    .toSorted((a, b) => b.lift - a.lift || b.boughtBoth - a.boughtBoth || (a.sku < b.sku ? -1 : 1))
    .slice(0, offersMax);
}

/** Why nothing is offered. */
export type NoOfferReason = 'objected' | 'no-consent' | 'address-suppressed' | 'policy' | 'nothing-fits';

export interface OfferFacts {
  /** The effective consent to marketing of all their profiles. */
  readonly consent: EffectiveConsent;
  readonly isSuppressed: boolean;
  /** The channel of the conversation. */
  readonly channel: string;
}

/** Whether anything may be offered; the first reason against it. Without consent nothing is. */
export function refuseOffers({ consent, isSuppressed, channel }: OfferFacts): NoOfferReason | null {
  if (consent === 'withdrawn') return 'objected';
  if (consent !== 'granted') return 'no-consent';
  if (isSuppressed) return 'address-suppressed';
  return outreachPolicies.get(channel)?.allows.includes('marketing') === true ? null : 'policy';
}

export const noOfferWords: Readonly<Record<NoOfferReason, readonly [english: string, chinese: string]>> = {
  objected: ['No offer: they objected to marketing.', '不可推荐：客户已拒绝营销信息。'],
  'no-consent': ['No offer: they have not agreed to marketing.', '不可推荐：客户未同意接收营销信息。'],
  'address-suppressed': [
    'No offer: an address of theirs is on the list of objections.',
    '不可推荐：客户的联系方式在拒收名单中。',
  ],
  policy: ['No offer: the platform does not allow marketing in messages.', '不可推荐：平台不允许在消息中营销。'],
  'nothing-fits': [
    'No offer: no goods of this store were bought together with theirs by enough buyers.',
    '暂无推荐：本店没有足够多买家同时购买的相关商品。',
  ],
};

export const offerWords = ['They agreed to marketing.', '客户已同意接收营销信息。'] as const;
