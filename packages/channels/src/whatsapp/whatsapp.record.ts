import type { ChannelRecord } from '../port/record.ts';

export const record = {
  channel: 'whatsapp',
  title: { en: 'WhatsApp', zh: 'WhatsApp' },
  summary: 'Messages and statuses of the WhatsApp Cloud API (Graph v24.0).',
  capabilities: {
    effectClass: 'opaque',
    receives: [
      'text',
      'image',
      'video',
      'audio',
      'file',
      'sticker',
      'cart',
      'choice',
      'form',
      'contacts',
      'location',
      'system',
      'unsupported',
    ],
    sends: ['text', 'image', 'video', 'audio', 'file', 'sticker'],
    textCharactersMax: 4_096,
    pictures: { bytesMax: 5 * 1024 * 1024, mimeTypes: ['image/jpeg', 'image/png'] },
    replyWindowHours: 24,
    answerWithinHours: null,
    sendsPerSecondMax: 80,
    sendsPerDayMax: null,
    timeStepMs: 1_000,
    readBackSettleMs: 0,
    reportsDelivered: true,
    reportsRead: true,
  },
  unverified: {
    sendsPerSecondMax: 'The default throughput of a number; Meta raises it for some.',
  },
} as const satisfies ChannelRecord;
