import type { MessageContent } from '@crossdesk/contracts';
import { UnparsableDelivery } from '../port/index.ts';
import { answerJson, field, text } from '../shared/platform-json.ts';

const platformKindCharactersMax = 100;

/** Reads the `content` of a message, which is JSON text inside JSON; undefined if it is not JSON. */
export function innerContent(content: unknown): unknown {
  return typeof content === 'string' ? answerJson(content) : undefined;
}

/** The content of a message in our format; an unknown kind is `unsupported`. */
export function readContent(platformKind: string, content: unknown): MessageContent {
  switch (platformKind) {
    case 'TEXT':
      return { kind: 'text', text: words(field(innerContent(content), 'content')) };
    case 'IMAGE':
      return media('image', innerContent(content));
    case 'VIDEO':
      return media('video', innerContent(content));
    case 'EMOTICONS':
      // UNVERIFIED: the shape is not documented.
      return { kind: 'sticker', stickerId: null, url: text(field(innerContent(content), 'url')) };
    case 'PRODUCT_CARD':
    case 'BUYER_ENTER_FROM_PRODUCT':
      return {
        kind: 'product',
        externalProductId: required(innerContent(content), 'product_id'),
        title: null,
        imageUrl: null,
      };
    case 'ORDER_CARD':
    case 'BUYER_ENTER_FROM_ORDER':
      return { kind: 'order', externalOrderId: required(innerContent(content), 'order_id') };
    case 'BUYER_ENTER_FROM_TRANSFER':
    case 'ALLOCATED_SERVICE':
    case 'NOTIFICATION':
    case 'OTHER':
      return systemLine(platformKind, innerContent(content));
    default:
      return unsupported(platformKind);
  }
}

function media(kind: 'image' | 'video', content: unknown): MessageContent {
  return {
    kind,
    url: text(field(content, 'url')),
    thumbnailUrl: text(field(content, 'cover')),
    mediaId: text(field(content, 'vid')),
    mimeType: null,
    fileName: null,
    caption: null,
  };
}

function systemLine(platformKind: string, content: unknown): MessageContent {
  const line = text(field(content, 'content'));
  return line === null ? unsupported(platformKind) : { kind: 'system', text: line };
}

/** The text of a person, not trimmed or coerced; an empty text is valid. */
function words(value: unknown): string {
  if (typeof value !== 'string') throw new UnparsableDelivery('content must be JSON text with a text named content');
  return text(value) ?? '';
}

function required(content: unknown, name: string): string {
  const id = text(field(content, name));
  if (id === null) throw new UnparsableDelivery(`content must be JSON text with ${name}`);
  return id;
}

function unsupported(platformKind: string): MessageContent {
  return { kind: 'unsupported', platformKind: platformKind.slice(0, platformKindCharactersMax) };
}
