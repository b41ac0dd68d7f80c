import type { MessageContent } from '@crossdesk/contracts';
import { field, list, number, text } from '../shared/platform-json.ts';

/** The content of one element of `messages[]`. A type without a counterpart is `unsupported`, with Meta's word for it. */
export function contentOf(message: unknown, type: string): MessageContent {
  const part = field(message, type);
  switch (type) {
    case 'text':
      return textOr(text(field(part, 'body')), type);
    case 'image':
    case 'video':
    case 'audio':
      return mediaContent(type, part);
    case 'document':
      return mediaContent('file', part);
    case 'sticker':
      return { kind: 'sticker', stickerId: text(field(part, 'id')), url: null };
    case 'location':
      return locationContent(part);
    case 'contacts':
      return textOr(joined(list(part).map(contactCard), '\n'), type);
    case 'button':
      return textOr(text(field(part, 'text')), type);
    case 'interactive':
      return interactiveContent(part);
    case 'reaction':
      return textOr(text(field(part, 'emoji')), type);
    case 'order':
      return textOr(
        joined([text(field(part, 'text')), ...list(field(part, 'product_items')).map(cartLine)], '\n'),
        type,
      );
    case 'system': {
      const body = text(field(part, 'body'));
      return body === null ? { kind: 'unsupported', platformKind: type } : { kind: 'system', text: body };
    }
    case 'unsupported':
      return { kind: 'unsupported', platformKind: text(field(part, 'type')) ?? type };
    default:
      return { kind: 'unsupported', platformKind: type };
  }
}

/** Without Meta's `url`: it is valid for minutes and needs our token. The id is valid for days. */
function mediaContent(kind: 'image' | 'video' | 'audio' | 'file', media: unknown): MessageContent {
  return {
    kind,
    url: null,
    thumbnailUrl: null,
    mediaId: text(field(media, 'id')),
    mimeType: text(field(media, 'mime_type')),
    fileName: text(field(media, 'filename')),
    caption: text(field(media, 'caption')),
  };
}

function locationContent(location: unknown): MessageContent {
  const latitude = number(field(location, 'latitude'));
  const longitude = number(field(location, 'longitude'));
  if (latitude === null || longitude === null) return { kind: 'unsupported', platformKind: 'location' };
  const name = text(field(location, 'name')) ?? text(field(location, 'address'));
  return { kind: 'location', latitude, longitude, name };
}

/** The choice or input of the buyer, in the words that the buyer saw. */
function interactiveContent(interactive: unknown): MessageContent {
  const type = text(field(interactive, 'type')) ?? 'interactive';
  const reply = field(interactive, type);
  switch (type) {
    case 'button_reply':
    case 'list_reply':
      return textOr(text(field(reply, 'title')), type);
    case 'nfm_reply':
      return textOr(text(field(reply, 'body')), type);
    default:
      return { kind: 'unsupported', platformKind: type };
  }
}

function contactCard(contact: unknown): string | null {
  const phones = list(field(contact, 'phones')).map((phone) => text(field(phone, 'phone')));
  return joined([text(field(contact, 'name', 'formatted_name')), ...phones], ' ');
}

/** One line of a cart: "2 x SKU-1, 19.9 EUR". A cart is a wish, not an order: it has no order id. */
function cartLine(item: unknown): string | null {
  const sku = text(field(item, 'product_retailer_id'));
  if (sku === null) return null;
  const price = joined([text(field(item, 'item_price')), text(field(item, 'currency'))], ' ');
  return joined([`${text(field(item, 'quantity')) ?? '1'} x ${sku}`, price], ', ');
}

function joined(parts: readonly (string | null)[], separator: string): string | null {
  return text(parts.filter((part) => part !== null).join(separator));
}

function textOr(words: string | null, platformKind: string): MessageContent {
  return words === null ? { kind: 'unsupported', platformKind } : { kind: 'text', text: words };
}
