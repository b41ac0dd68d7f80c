import type { ChannelRecord } from '../port/record.ts';

export const record = {
  channel: 'shopee',
  title: { en: 'Shopee', zh: '虾皮 Shopee' },
  summary: 'Seller chat, orders and pushes of the Shopee Open Platform v2.',
  capabilities: {
    effectClass: 'readable',
    receives: ['text', 'image', 'video', 'sticker', 'order', 'product', 'unsupported'],
    sends: ['text', 'image', 'sticker', 'order', 'product'],
    textCharactersMax: 1_000,
    pictures: { bytesMax: 2 * 1024 * 1024, mimeTypes: ['image/jpeg', 'image/png', 'image/gif'] },
    replyWindowHours: null,
    sendsPerSecondMax: 2,
    sendsPerDayMax: null,
    timeStepMs: 1_000,
    readBackSettleMs: 120_000,
    reportsDelivered: false,
    reportsRead: false,
  },
  unverified: {
    textCharactersMax: 'Shopee publishes no limit of a chat text; this one is cautious.',
    replyWindowHours: 'No reply window is published.',
    sendsPerSecondMax: 'No quota is published; error_rate_limit decides.',
    readBackSettleMs: 'Nothing is published on how soon get_message shows a message that was accepted.',
  },
} as const satisfies ChannelRecord;
