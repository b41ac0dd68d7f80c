import { createHmac } from 'node:crypto';
import type { Receiver } from '../caller.ts';
import { isSameText } from '../hmac.ts';
import { drawPhoto } from '../images.ts';
import { textField } from '../json.ts';
import type { Content, Message, Thread } from '../model.ts';
import { seconds } from '../model.ts';
import type { Context } from '../platform.port.ts';
import { type PushDraft, refuseFailures } from '../pusher.ts';
import { signingSecret } from './email.account.ts';

const timeoutMs = 15_000;

/** A mail as the provider of the mailbox posts it: the bytes that came in, signed as in Standard Webhooks. */
export function emailPush(context: Context, thread: Thread, message: Message): PushDraft {
  const body = mailOf(thread, message);
  const id = `mail_${message.sequence}`;
  return {
    request: (url, now) => ({
      method: 'POST',
      url,
      headers: {
        'content-type': 'message/rfc822',
        'webhook-id': id,
        'webhook-timestamp': String(seconds(now)),
        'webhook-signature': signatureOf(signingSecret(context, thread.shop), id, seconds(now), body),
      },
      body,
    }),
    timeoutMs,
    refuse: refuseFailures,
  };
}

function signatureOf(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** What a mail program writes (RFC 5322): an answer names all mails of the conversation before it. */
export function mailOf({ shop, buyer, messages }: Thread, message: Message): string {
  const store = `${word(shop.name)} <${shop.externalAccountId}>`;
  const person = `${word(buyer.name)} <${buyer.externalId}>`;
  const [from, to] = message.direction === 'inbound' ? [person, store] : [store, person];
  const before = messages.slice(0, messages.indexOf(message)).map(({ id, key }) => `<${key ?? id}>`);
  const answered = before.length === 0 ? [] : [`In-Reply-To: ${before.at(-1)}`, `References: ${before.join('\r\n ')}`];
  const { headers, lines } = bodyOf(message.content);
  return [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${before.length === 0 ? '' : 'Re: '}${word('A question')}`,
    `Date: ${message.at.toUTCString().replace('GMT', '+0000')}`,
    `${idHeader}${message.id}>`,
    ...answered,
    'MIME-Version: 1.0',
    ...headers,
    '',
    ...lines,
    '',
  ].join('\r\n');
}

/** An encoded word (RFC 2047) unless the words are plain. */
function word(words: string): string {
  return /^[\w .-]*$/.test(words) ? words : `=?UTF-8?B?${Buffer.from(words).toString('base64')}?=`;
}

interface Body {
  readonly headers: readonly string[];
  readonly lines: readonly string[];
}

function bodyOf(content: Content): Body {
  switch (content.kind) {
    case 'text':
      return words(content.text);
    case 'order':
      return words(`It is about the order ${content.externalOrderId}.`);
    case 'product':
      return words(`It is about the product ${content.externalProductId}.`);
    case 'sticker':
      return words(`:${content.stickerId}:`);
    case 'image':
      return withFile(content.caption, file('image/png', 'photo.png', drawPhoto(content.url.split('/').at(-1) ?? '')));
    case 'native':
      return withFile(
        null,
        file(`application/x-${content.type}`, content.type, Buffer.from(JSON.stringify(content.value))),
      );
  }
}

function words(text: string): Body {
  const headers = ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64'];
  return { headers, lines: base64Lines(Buffer.from(text)) };
}

const boundary = 'twin-part';

function withFile(text: string | null, part: Body): Body {
  const parts = [...(text === null ? [] : [words(text)]), part];
  return {
    headers: [`Content-Type: multipart/mixed; boundary="${boundary}"`],
    lines: [...parts.flatMap(({ headers, lines }) => [`--${boundary}`, ...headers, '', ...lines]), `--${boundary}--`],
  };
}

function file(type: string, name: string, bytes: Buffer): Body {
  const headers = [
    `Content-Type: ${type}; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"`,
    'Content-Transfer-Encoding: base64',
  ];
  return { headers, lines: base64Lines(bytes) };
}

function base64Lines(bytes: Buffer): readonly string[] {
  return bytes.toString('base64').match(/.{1,76}/g) ?? [];
}

const idHeader = 'Message-ID: <';

export const emailReceiver: Receiver = {
  isSigned({ credentials }, { headers, raw }) {
    const [id, timestamp] = [textField(headers, 'webhook-id'), Number(textField(headers, 'webhook-timestamp'))];
    const expected = signatureOf(credentials['signing_secret'] ?? '', id, timestamp, raw);
    return isSameText(textField(headers, 'webhook-signature'), expected);
  },
  messageId({ raw }) {
    const line = raw.split('\r\n').find((one) => one.startsWith(idHeader));
    return line?.slice(idHeader.length, -1) ?? null;
  },
};
