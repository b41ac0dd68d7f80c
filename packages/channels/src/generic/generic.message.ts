import type { Buyer, MessageContent } from '@crossdesk/contracts';
import { type NormalisedMessage, UnparsableDelivery } from '../port/index.ts';
import { field, list, text } from '../shared/platform-json.ts';
import { emailAddress, httpsUrl, locale, phoneDigits, required } from './generic.read.ts';

/** Reads the `data` of `message.created`: one message per attachment, because our messages have one content each. */
export function messagesOf(data: unknown, occurredAt: Date): readonly NormalisedMessage[] {
  const externalMessageId = required(text(field(data, 'externalId')), 'data.externalId');
  const orderRef = text(field(data, 'orderRef'));
  const isFromBuyer = isBuyerRole(text(field(data, 'author', 'role')));
  const shared = {
    externalThreadId: required(text(field(data, 'conversationKey')), 'data.conversationKey'),
    direction: isFromBuyer ? ('inbound' as const) : ('outbound' as const),
    author: isFromBuyer ? ('buyer' as const) : ('seller' as const),
    buyer: isFromBuyer ? personOf(data, 'author') : personOf(data, 'buyer'),
    occurredAt,
    sequence: null,
    replyToExternalId: text(field(data, 'inReplyTo')),
    externalOrderIds: orderRef === null ? [] : [orderRef],
    raw: JSON.stringify(data),
  };
  return contentsOf(data).map((content, index) => ({
    ...shared,
    externalMessageId: index === 0 ? externalMessageId : `${externalMessageId}#${index + 1}`,
    content,
  }));
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
    phone: phoneDigits(field(person, 'phone')),
    email: emailAddress(field(person, 'email')),
    avatarUrl: httpsUrl(field(person, 'avatarUrl')),
    locale: locale(field(person, 'locale')),
  };
}

function contentsOf(data: unknown): readonly MessageContent[] {
  const words = text(field(data, 'text'));
  const attachments = list(field(data, 'attachments'));
  if (attachments.length > 0)
    return attachments.map((attachment, index) => attachmentContent(attachment, index === 0 ? words : null));
  if (words !== null) return [{ kind: 'text', text: words }];
  return [{ kind: 'unsupported', platformKind: text(field(data, 'kind')) ?? 'empty' }];
}

function attachmentContent(attachment: unknown, caption: string | null): MessageContent {
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
