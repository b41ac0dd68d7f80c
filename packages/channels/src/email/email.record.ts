import type { ChannelRecord } from '../port/record.ts';

const attached = { bytesMax: 18 * 1024 * 1024, mimeTypes: null, captionCharactersMax: 100_000 } as const;

export const record = {
  channel: 'email',
  title: { en: 'E-mail', zh: '电子邮件' },
  summary:
    'A mailbox of the store: mails are posted as they are or fetched by IMAP, and answers go out by SMTP (docs/email.md).',
  capabilities: {
    // An answer has the same Message-ID in every attempt: mail programs show it once.
    effectClass: 'keyed',
    receives: ['text', 'image', 'video', 'audio', 'file', 'unsupported'],
    sends: ['text', 'image', 'video', 'audio', 'file'],
    textCharactersMax: 100_000,
    files: { image: attached, video: attached, audio: attached, file: attached },
    replyWindowHours: null,
    answerWithinHours: null,
    authorisationDays: null,
    authorisationWarnDays: [30, 7, 1],
    sendsPerSecondMax: 2,
    sendsPerDayMax: 1_500,
    timeStepMs: 1_000,
    readBackSettleMs: 60_000,
    reportsDelivered: false,
    reportsRead: false,
  },
  unverified: {
    files: 'Most servers take mails of 25 MB; a file grows by a third on its way.',
    sendsPerSecondMax:
      'Providers publish no rate; a server that wants less answers 421 or 450, and the account pauses.',
    sendsPerDayMax: 'Gmail and Microsoft 365 allow 2,000 and 10,000 receivers a day; small providers allow less.',
    readBackSettleMs:
      'The pause before a mail is sent again whose acceptance is not known; greylisting lasts about this long.',
  },
} as const satisfies ChannelRecord;
