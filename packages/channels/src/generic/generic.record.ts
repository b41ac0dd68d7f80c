import type { ChannelRecord } from '../port/record.ts';

const anyFile = { bytesMax: null, mimeTypes: null, captionCharactersMax: 10_000 } as const;

export const record = {
  channel: 'generic',
  title: { en: 'Generic', zh: '通用渠道' },
  summary: 'Your own system, with Standard Webhooks in both directions (docs/generic-channel.md).',
  capabilities: {
    effectClass: 'keyed',
    receives: ['text', 'image', 'video', 'audio', 'file', 'unsupported'],
    sends: ['text', 'image', 'video', 'audio', 'file', 'sticker', 'order', 'product', 'location'],
    textCharactersMax: 10_000,
    files: { image: anyFile, video: anyFile, audio: anyFile, file: anyFile },
    replyWindowHours: null,
    answerWithinHours: null,
    authorisationDays: null,
    authorisationWarnDays: [30, 7, 1],
    sendsPerSecondMax: 20,
    sendsPerDayMax: null,
    timeStepMs: 1,
    readBackSettleMs: 0,
    reportsDelivered: true,
    reportsRead: true,
  },
  unverified: {},
} as const satisfies ChannelRecord;
