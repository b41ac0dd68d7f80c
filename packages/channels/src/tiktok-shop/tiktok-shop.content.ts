import { type MessageContent, webAddress } from '@crossdesk/contracts';
import { field, nestedJson, text } from '../shared/platform-json.ts';

const platformKindCharactersMax = 100;

/** Reads the `content` of a message, which is JSON text inside JSON; undefined if it is not JSON. */
export function innerContent(content: unknown): unknown {
  return typeof content === 'string' ? nestedJson(content) : undefined;
}

/** The content of a message in our format; one of an unknown kind, or without its main part, is `unsupported`. */
export function readContent(platformKind: string, content: unknown): MessageContent {
  return (
    knownContent(platformKind, innerContent(content)) ?? {
      kind: 'unsupported',
      platformKind: platformKind.slice(0, platformKindCharactersMax),
    }
  );
}

function knownContent(platformKind: string, content: unknown): MessageContent | null {
  switch (platformKind) {
    case 'TEXT':
      return words(field(content, 'content'));
    case 'IMAGE':
      return media('image', content);
    case 'VIDEO':
      return media('video', content);
    case 'EMOTICONS':
      // UNVERIFIED: the shape is not documented.
      return { kind: 'sticker', stickerId: null, url: webAddress(field(content, 'url')) };
    case 'PRODUCT_CARD':
    case 'BUYER_ENTER_FROM_PRODUCT': {
      const externalProductId = text(field(content, 'product_id'));
      return externalProductId === null ? null : { kind: 'product', externalProductId, title: null, imageUrl: null };
    }
    case 'ORDER_CARD':
    case 'BUYER_ENTER_FROM_ORDER': {
      const externalOrderId = text(field(content, 'order_id'));
      return externalOrderId === null ? null : { kind: 'order', externalOrderId };
    }
    case 'RETURN_REFUND_CARD': {
      const externalOrderId = text(field(content, 'order_id'));
      const externalProductId = text(field(content, 'sku_id'));
      return externalOrderId === null ? null : { kind: 'return', externalOrderId, externalProductId };
    }
    case 'COUPON_CARD': {
      const externalCouponId = text(field(content, 'coupon_id'));
      return externalCouponId === null ? null : { kind: 'coupon', externalCouponId, title: null };
    }
    case 'BUYER_ENTER_FROM_TRANSFER':
    case 'ALLOCATED_SERVICE':
    case 'NOTIFICATION':
    case 'OTHER': {
      const line = text(field(content, 'unsupported_msg_tips')) ?? text(field(content, 'content'));
      return line === null ? null : { kind: 'system', text: line };
    }
    default:
      return null;
  }
}

function media(kind: 'image' | 'video', content: unknown): MessageContent {
  return {
    kind,
    url: webAddress(field(content, 'url')),
    thumbnailUrl: webAddress(field(content, 'cover')),
    mediaId: text(field(content, 'vid')),
    mimeType: null,
    fileName: null,
    caption: null,
  };
}

/** The text of a person, not trimmed or coerced; an empty text is valid. */
function words(value: unknown): MessageContent | null {
  return typeof value === 'string' ? { kind: 'text', text: text(value) ?? '' } : null;
}
