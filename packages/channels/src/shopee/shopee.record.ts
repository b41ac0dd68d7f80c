import type { ChannelRecord } from '../port/record.ts';

export const record = {
  channel: 'shopee',
  title: { en: 'Shopee', zh: '虾皮 Shopee' },
  summary: 'Seller chat, orders and pushes of the Shopee Open Platform v2.',
  capabilities: {
    effectClass: 'readable',
    receives: ['text', 'image', 'video', 'sticker', 'order', 'product', 'coupon', 'bundle', 'system', 'unsupported'],
    sends: ['text', 'image', 'sticker', 'order', 'product'],
    textCharactersMax: 1_000,
    files: {
      image: {
        bytesMax: 2 * 1024 * 1024,
        mimeTypes: ['image/jpeg', 'image/png', 'image/gif'],
        captionCharactersMax: 0,
      },
    },
    replyWindowHours: null,
    answerWithinHours: 12,
    authorisationDays: 365,
    authorisationWarnDays: [30, 7, 1],
    sendsPerSecondMax: 2,
    sendsPerDayMax: null,
    timeStepMs: 1_000,
    readBackSettleMs: 120_000,
    reportsDelivered: false,
    reportsRead: false,
  },
  unverified: {
    authorisationDays:
      'At most 365 days are documented; the answer of get_shop_info and push 12 tell the end of each shop.',
    answerWithinHours: 'The share of chats answered within 12 hours is generally known, not published for the API.',
    textCharactersMax: 'Shopee publishes no limit for a chat text; this one is cautious.',
    replyWindowHours: 'No reply window is published.',
    sendsPerSecondMax: 'No quota is published; error_rate_limit decides.',
    readBackSettleMs: 'Shopee does not publish how soon get_message shows an accepted message.',
  },
} as const satisfies ChannelRecord;
