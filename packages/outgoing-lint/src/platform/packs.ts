import { type Pack, said, written } from './pack.ts';

/** Raised with every change of a pack or of the words it is searched with. */
export const packVersion = 2;

const amazon = 'Amazon, Communication Guidelines (Seller Central)';
const amazonDivert = 'Amazon, Prohibited seller activities: sellercentral.amazon.com help 200386250';
const ebay = 'eBay, Member-to-member contact policy: ebay.com/help/policies id 4262';
const walmart = 'Walmart, Customer care standards (Seller Help)';
const tiktok =
  'TikTok Shop, Customer Communication Guidelines: seller-th.tiktok.com/university knowledge_id 8345780184729361';
const tiktokReview = 'TikTok Shop, Review Policy: seller-us.tiktok.com/university knowledge_id 4451321470682882';
const lazada = 'Lazada, Off Platform Transactions: community.lazada.com.ph/article/off-platform-transactions-553300-hc';
const shopee = 'Shopee, chat violations, as sellerby.com/p/2984 tells them; no page of Shopee was found';
const aliexpress = 'AliExpress, seller rules, as blogs for sellers tell them; no page of AliExpress was found';

const none = 'No rule was found';

/** What the platforms forbid, as far as it is written. A platform without rules leaves it to the seller. */
export const packs: readonly Pack[] = [
  {
    platform: 'Amazon',
    channels: ['amazon'],
    ownHosts: ['amazon'],
    rules: {
      'contact-data': written('stop', amazon),
      'foreign-link': written('stop', amazonDivert),
      'off-platform': written('stop', amazonDivert),
      'off-platform-payment': written('stop', amazonDivert),
      // A neutral request is allowed once for each order.
      'review-request': written('warn', amazon),
      'review-begging': written('stop', amazon),
      'review-incentive': written('stop', amazon),
      marketing: written('stop', amazon),
      emoji: written('stop', amazon),
    },
  },
  {
    platform: 'eBay',
    channels: ['ebay'],
    ownHosts: ['ebay'],
    rules: {
      'contact-data': written('stop', ebay),
      'foreign-link': written('stop', ebay),
      'off-platform': written('stop', ebay),
      'off-platform-payment': written('stop', ebay),
      'review-begging': said(none),
      'review-incentive': said(none),
      marketing: written('warn', ebay),
    },
  },
  {
    platform: 'Walmart',
    channels: ['walmart'],
    ownHosts: ['walmart'],
    rules: {
      'contact-data': said(none),
      'foreign-link': written('stop', walmart),
      'off-platform': written('stop', walmart),
      'off-platform-payment': written('stop', walmart),
      'review-request': written('stop', walmart),
      'review-begging': written('stop', walmart),
      'review-incentive': written('stop', walmart),
      marketing: written('stop', walmart),
    },
  },
  {
    platform: 'TikTok Shop',
    channels: ['tiktok-shop'],
    ownHosts: ['tiktok'],
    rules: {
      'contact-data': said(tiktok),
      'foreign-link': written('stop', tiktok),
      'off-platform': written('stop', tiktok),
      'off-platform-payment': written('stop', tiktok),
      'review-request': said(none),
      'review-begging': written('stop', tiktokReview),
      'review-incentive': written('stop', tiktokReview),
      marketing: written('warn', tiktok),
    },
  },
  {
    platform: 'Lazada',
    channels: ['lazada'],
    ownHosts: ['lazada'],
    rules: {
      'contact-data': written('stop', lazada),
      'foreign-link': written('stop', lazada),
      'off-platform': written('stop', lazada),
      'off-platform-payment': written('stop', lazada),
      'review-begging': said(none),
      'review-incentive': said(none),
      marketing: said(none),
    },
  },
  {
    platform: 'Shopee',
    channels: ['shopee'],
    ownHosts: ['shopee'],
    rules: {
      'contact-data': said(shopee),
      'foreign-link': said(shopee),
      'off-platform': said(shopee),
      'off-platform-payment': said(shopee),
      'review-begging': said(none),
      'review-incentive': said(none),
      marketing: said(shopee),
    },
  },
  {
    platform: 'AliExpress',
    channels: ['aliexpress'],
    ownHosts: ['aliexpress'],
    rules: {
      'contact-data': said(aliexpress),
      'foreign-link': said(aliexpress),
      'off-platform': said(aliexpress),
      'off-platform-payment': said(aliexpress),
      'review-begging': said(aliexpress),
      'review-incentive': said(aliexpress),
    },
  },
  // The store's own lines: the buyer has chosen to write here.
  { platform: 'Own channels', channels: ['email', 'generic', 'whatsapp'], ownHosts: [], rules: {} },
];

/** The pack of a channel; null for a channel of which nothing is known. */
export function packOf(channel: string): Pack | null {
  return packs.find(({ channels }) => channels.includes(channel)) ?? null;
}
