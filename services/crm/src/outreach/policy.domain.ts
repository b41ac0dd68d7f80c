import type { Purpose } from '../consent/consent.domain.ts';

/** What a platform lets a seller write without being asked. Whatever is not named here is not sent. */
interface OutreachPolicy {
  readonly allows: readonly Purpose[];
  /** Where the rule stands. */
  readonly source: string;
}

/**
 * By channel. The windows of the channels are in their records. Platforms that have requests of their own for it (Amazon's
 * solicitations) take no free texts.
 */
export const outreachPolicies: ReadonlyMap<string, OutreachPolicy> = new Map<string, OutreachPolicy>([
  ['generic', { allows: ['service', 'marketing'], source: 'The channel is the seller’s own.' }],
  ['amazon', { allows: [], source: 'Amazon Communication Guidelines: order notices and promotion are not permitted.' }],
  ['walmart', { allows: [], source: 'Walmart Marketplace: messages answer customers only.' }],
  ['ebay', { allows: [], source: 'eBay member-to-member contact policy.' }],
  ['shopee', { allows: ['service'], source: 'Shopee chat rules: about an order, no promotion (UNVERIFIED).' }],
  ['lazada', { allows: ['service'], source: 'Lazada IM rules: about an order, no promotion (UNVERIFIED).' }],
  ['tiktok-shop', { allows: ['service'], source: 'TikTok Shop customer messaging rules (UNVERIFIED).' }],
  ['aliexpress', { allows: ['service'], source: 'AliExpress message centre rules (UNVERIFIED).' }],
  [
    'whatsapp',
    { allows: ['service'], source: 'WhatsApp: free texts in the window; marketing needs approved templates.' },
  ],
  ['messenger', { allows: ['service'], source: 'Messenger: 24 hours, promotion needs paid messages.' }],
  ['instagram', { allows: ['service'], source: 'Instagram messaging: 24 hours, no promotion.' }],
  ['email', { allows: ['service', 'marketing'], source: 'ePrivacy directive, article 13: consent or soft opt-in.' }],
]);
