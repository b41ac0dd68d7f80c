import { createHash } from 'node:crypto';
import { newId } from '@crossdesk/contracts';
import { Webhook } from 'standardwebhooks';
import type { ChannelSamples, Signing } from '../conformance/samples.ts';
import type { ChannelAccount, WebhookRequest } from '../port/index.ts';
import { corpus } from './email.corpus.ts';
import { mailMutationsOf } from './email.mutations.ts';

const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
export const own = 'service@shop.example';

export const account: ChannelAccount = {
  id: newId(),
  tenantId: newId(),
  externalAccountId: own,
  webhookUrl: 'https://desk.example/webhooks/email/t0ken',
  baseUrls: { api: 'smtps://smtp.shop.example:465', auth: 'smtps://smtp.shop.example:465' },
  credentials: { signing_secret: secret, smtp_password: 'a-password-of-the-server' },
};

const sentAt = new Date('2026-01-02T03:00:00Z');

export function signed(rawBody: Uint8Array | string, { at }: Pick<Signing, 'at'> = { at: sentAt }): WebhookRequest {
  const bytes = Buffer.from(rawBody);
  const id = `msg_${createHash('sha256').update(bytes).digest('hex')}`;
  return {
    method: 'POST',
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, bytes),
    },
    query: {},
    rawBody: new Uint8Array(bytes),
    receivedAt: new Date('2026-01-02T03:00:05Z'),
  };
}

/** A mail of lines; more headers stand before the others. */
export function mail(headers: readonly string[], ...body: readonly string[]): string {
  const usual = [`To: Shop <${own}>`, 'Date: Fri, 02 Jan 2026 10:59:00 +0800', 'MIME-Version: 1.0'];
  return [...headers, ...usual, '', ...body, ''].join('\r\n');
}

const fromAna = 'From: Ana Souza <Ana@mail.example>';
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

export const plain = mail([fromAna, 'Subject: Order 7', 'Message-ID: <m1@mail.example>'], 'Where is it?');

/** A mail with one file beside its words. */
function withFile(id: string, type: string, content: string): string {
  const headers = [
    fromAna,
    'Subject: A file',
    `Message-ID: <${id}@mail.example>`,
    'Content-Type: multipart/mixed; boundary=b1',
  ];
  const file = [
    '--b1',
    `Content-Type: ${type}`,
    'Content-Disposition: attachment; filename=f',
    'Content-Transfer-Encoding: base64',
  ];
  return mail(headers, '--b1', 'Content-Type: text/plain', '', 'See the file.', ...file, '', content, '--b1--');
}

export const ourMail = '0199d3a2-7c1e-7065-9a4b-3f20c6d10065.0123456789abcdef0123456789abcdef@shop.example';

export const bounce = mail(
  [
    'From: <MAILER-DAEMON@mx.example>',
    'Subject: Undelivered',
    'Message-ID: <b@mx.example>',
    'Auto-Submitted: auto-replied',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=r',
  ],
  ...['--r', 'Content-Type: text/plain', '', 'I am sorry.'],
  ...['--r', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example', ''],
  ...[
    'Final-Recipient: rfc822; ana@mail.example',
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 no such user',
  ],
  ...['--r', 'Content-Type: text/rfc822-headers', '', `Message-ID: <${ourMail}>`, '--r--'],
);

const buyer = {
  externalId: 'ana@mail.example',
  commerceId: null,
  name: 'Ana',
  phone: null,
  email: 'ana@mail.example',
  avatarUrl: null,
  locale: null,
};

/** What the rules for all channels are tried with. */
export const samples: ChannelSamples = {
  account,
  webhooks: {
    sign: signed,
    signatureHeader: 'webhook-signature',
    signingCredential: 'signing_secret',
    mutationsOf: mailMutationsOf,
    messages: [
      { kind: 'text', body: plain },
      { kind: 'image', body: withFile('m2', 'image/png', png) },
      { kind: 'video', body: withFile('m3', 'video/mp4', 'AAAA') },
      { kind: 'audio', body: withFile('m4', 'audio/mpeg', 'AAAA') },
      { kind: 'file', body: withFile('m5', 'application/pdf', 'JVBERi0=') },
      { kind: 'unsupported', body: mail([fromAna, 'Message-ID: <m6@mail.example>']) },
    ],
    unknownKind: {
      platformKind: 'encrypted',
      body: mail(
        [fromAna, 'Message-ID: <m7@mail.example>', 'Content-Type: multipart/encrypted; boundary=e'],
        '--e',
        '',
        'x',
        '--e--',
      ),
    },
    others: [bounce, ...corpus.map((one) => one.mail)],
    unparsable: ['Subject: nobody\r\n\r\nwords', mail(['From: nobody'], 'words')],
    ofAnotherAccount: null,
  },
  sending: {
    outgoing: { externalThreadId: '0123456789abcdef0123456789abcdef.0123456789abcdef', buyer },
    contents: [],
    answerSend: () => ({ status: 200, headers: {}, body: '2.0.0 queued' }),
  },
};
