import type { Buyer, MessageContent } from '@crossdesk/contracts';
import { type Fact, type NormalisedMessage, UnparsableDelivery } from '../port/index.ts';
import { factsAt } from '../shared/elements.ts';
import { keyOfId } from '../shared/ids.ts';
import { field, list, text } from '../shared/platform-json.ts';
import { emailAddress, httpsUrl, locale, phoneNumber, required } from './generic.read.ts';

/**
 * Reads the `data` of `message.created`: one message per attachment, because our messages have one content each. An
 * attachment that cannot be read does not hide the words and the other attachments. The words always have the id of the
 * message, because a change names no other.
 */
export function messageFacts(data: unknown, occurredAt: Date): readonly Fact[] {
  const shared = sharedOf(data, occurredAt);
  // Hashed once: a long id with thousands of attachments kept the process busy for seconds.
  const wholeId = keyOfId(text(field(data, 'externalId')) ?? '');
  const words = text(field(data, 'text'));
  const attachments = attachmentsOf(data);
  const wordsAlone: Fact = { type: 'message', message: { ...shared, content: textContent(data, words) } };
  if (attachments.length === 0) return [wordsAlone];
  const facts = attachments.flatMap((attachment, index) =>
    factsAt(`data.attachments.${index}`, (): Fact[] => {
      const content = attachmentContent(attachment, null);
      const part = { externalMessageId: `${wholeId}#${index + 1}`, content, raw: JSON.stringify(attachment) };
      if (index > 0) return [{ type: 'message', message: { ...shared, ...part } }];
      const message = { ...shared, content: { ...content, caption: words } };
      if (words === null) return [{ type: 'message', message }];
      // The words were shown without it, under the id of the message.
      return [{ type: 'message', message, alone: { ...shared, ...part, externalMessageId: `${wholeId}#0` } }];
    }),
  );
  return words === null || facts[0]?.type === 'message' ? facts : [wordsAlone, ...facts];
}

function attachmentsOf(data: unknown): readonly unknown[] {
  const given = field(data, 'attachments');
  return Array.isArray(given) || given === undefined || given === null ? list(given) : [given];
}

/** Everything but the content, as the first part of the message has it. */
function sharedOf(data: unknown, occurredAt: Date): Omit<NormalisedMessage, 'content'> {
  const orderRef = text(field(data, 'orderRef'));
  const { isFromBuyer, buyer } = sideOf(data);
  const inReplyTo = text(field(data, 'inReplyTo'));
  return {
    externalThreadId: required(text(field(data, 'conversationKey')), 'data.conversationKey'),
    externalMessageId: messageId(required(text(field(data, 'externalId')), 'data.externalId')),
    direction: isFromBuyer ? 'inbound' : 'outbound',
    author: isFromBuyer ? 'buyer' : 'seller',
    buyer,
    occurredAt,
    sequence: null,
    replyToExternalId: inReplyTo === null ? null : messageId(inReplyTo),
    externalOrderIds: orderRef === null ? [] : [orderRef],
    raw: JSON.stringify(data),
  };
}

/** Who acted, and the buyer of the conversation. */
export function sideOf(data: unknown): { readonly isFromBuyer: boolean; readonly buyer: Buyer } {
  const isFromBuyer = isBuyerRole(text(field(data, 'author', 'role')));
  return { isFromBuyer, buyer: personOf(data, isFromBuyer ? 'author' : 'buyer') };
}

/** What an edit puts in the place of the message: the first content, or the words if their attachment cannot be read. */
export function editFacts(data: unknown, factOf: (content: MessageContent) => Fact): readonly Fact[] {
  const words = text(field(data, 'text'));
  const [attachment] = attachmentsOf(data);
  if (attachment === undefined) return [factOf(textContent(data, words))];
  const facts = factsAt('data.attachments.0', () => [factOf(attachmentContent(attachment, words))]);
  return words === null || facts[0]?.type === 'change' ? facts : [factOf(textContent(data, words)), ...facts];
}

/**
 * The id of a message, which is that of its first part; later parts end with `#2`, `#3` and so on, and with `#0` the first
 * attachment that became readable after its words were shown. An id that ends like that itself gets `#1`, so that it is
 * never the id of a part of another message.
 */
export function messageId(externalId: string): string {
  return /#\d+$/.test(externalId) ? `${externalId}#1` : externalId;
}

/** The id of a part of a message, counted from one. */
export function partId(externalId: string, part: number): string {
  return part === 1 ? messageId(externalId) : `${keyOfId(externalId)}#${part}`;
}

function isBuyerRole(role: string | null): boolean {
  if (role === null || role === 'buyer') return true;
  if (role === 'agent') return false;
  throw new UnparsableDelivery('data.author.role is neither buyer nor agent');
}

/** The buyer: the author of an inbound message, or `data.buyer` of a message that an agent wrote. */
function personOf(data: unknown, name: 'author' | 'buyer'): Buyer {
  const person = field(data, name);
  return {
    externalId: required(text(field(person, 'id')), `data.${name}.id`),
    commerceId: text(field(person, 'id')),
    name: text(field(person, 'name')),
    phone: phoneNumber(field(person, 'phone')),
    email: emailAddress(field(person, 'email')),
    avatarUrl: httpsUrl(field(person, 'avatarUrl')),
    locale: locale(field(person, 'locale')),
  };
}

function textContent(data: unknown, words: string | null): MessageContent {
  if (words !== null) return { kind: 'text', text: words };
  return { kind: 'unsupported', platformKind: text(field(data, 'kind')) ?? 'empty' };
}

function attachmentContent(attachment: unknown, caption: string | null) {
  const mimeType = text(field(attachment, 'mime'));
  return {
    kind: mediaKind(mimeType),
    url: required(httpsUrl(field(attachment, 'url')), 'data.attachments[].url'),
    thumbnailUrl: httpsUrl(field(attachment, 'thumbnailUrl')),
    mediaId: null,
    mimeType,
    fileName: text(field(attachment, 'name')),
    caption,
  };
}

function mediaKind(mimeType: string | null): 'image' | 'video' | 'audio' | 'file' {
  const family = mimeType?.split('/')[0];
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'file';
}
