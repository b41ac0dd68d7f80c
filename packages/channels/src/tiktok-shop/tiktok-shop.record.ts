import type { ChannelRecord } from '../port/record.ts';

export const record = {
  channel: 'tiktok-shop',
  title: { en: 'TikTok Shop', zh: 'TikTok Shop' },
  summary: 'Customer service, orders and webhooks of the TikTok Shop Partner API 202309.',
  capabilities: {
    effectClass: 'readable',
    receives: ['text', 'image', 'video', 'sticker', 'order', 'product', 'return', 'coupon', 'system', 'unsupported'],
    sends: ['text', 'image', 'order', 'product'],
    textCharactersMax: 2_000,
    files: {
      image: {
        bytesMax: 10 * 1024 * 1024,
        mimeTypes: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'],
        captionCharactersMax: 0,
      },
    },
    // Whether a shop may write also depends on the buyer's orders and returns: the platform decides (45109001).
    replyWindowHours: null,
    answerWithinHours: 24,
    authorisationDays: 365,
    authorisationWarnDays: [30, 7, 1],
    sendsPerSecondMax: 50,
    // Reads of customer service count as well; 45101004 reports that the daily quota is used up.
    sendsPerDayMax: 10_000,
    timeStepMs: 1_000,
    readBackSettleMs: 120_000,
    reportsDelivered: false,
    reportsRead: false,
  },
  unverified: {
    authorisationDays: 'About a year in the samples; refresh_token_expire_in and push 7 tell the end of each shop.',
    answerWithinHours: 'The share of messages answered within 24 hours is generally known, not published for the API.',
    readBackSettleMs: 'TikTok does not publish how soon the list shows an accepted message.',
  },
} as const satisfies ChannelRecord;
