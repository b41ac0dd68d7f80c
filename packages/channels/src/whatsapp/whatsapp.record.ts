import type { ChannelRecord } from '../port/record.ts';

const megabyte = 1024 * 1024;
const captionCharactersMax = 1_024;
const office = 'application/vnd.openxmlformats-officedocument';
const documentTypes = [
  ...['text/plain', 'application/pdf'],
  ...['application/msword', 'application/vnd.ms-excel', 'application/vnd.ms-powerpoint'],
  ...[`${office}.wordprocessingml.document`, `${office}.spreadsheetml.sheet`, `${office}.presentationml.presentation`],
];

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
    files: {
      image: { bytesMax: 5 * megabyte, mimeTypes: ['image/jpeg', 'image/png'], captionCharactersMax },
      video: { bytesMax: 16 * megabyte, mimeTypes: ['video/mp4', 'video/3gpp'], captionCharactersMax },
      audio: {
        bytesMax: 16 * megabyte,
        mimeTypes: ['audio/aac', 'audio/mp4', 'audio/mpeg', 'audio/amr', 'audio/ogg'],
        captionCharactersMax: 0,
      },
      file: { bytesMax: 100 * megabyte, mimeTypes: documentTypes, captionCharactersMax },
    },
    replyWindowHours: 24,
    answerWithinHours: null,
    authorisationDays: null,
    authorisationWarnDays: [30, 7, 1],
    sendsPerSecondMax: 80,
    sendsPerDayMax: null,
    timeStepMs: 1_000,
    readBackSettleMs: 0,
    reportsDelivered: true,
    reportsRead: true,
  },
  unverified: {
    files: 'The length of a caption; the other limits are those of the SDKs.',
    sendsPerSecondMax: 'The default throughput of a number; Meta raises it for some.',
  },
} as const satisfies ChannelRecord;
