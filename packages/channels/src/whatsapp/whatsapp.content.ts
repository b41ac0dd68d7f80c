import type { MessageContent } from '@crossdesk/contracts';
import { amount, createParts, quantity } from '../shared/order-values.ts';
import { field, list, number, text } from '../shared/platform-json.ts';
import { formAnswers } from './whatsapp.form.ts';

/** The content of one element of `messages[]`. A type without a counterpart is `unsupported`, with Meta's word for it. */
export function contentOf(message: unknown, type: string): MessageContent {
  const part = field(message, type);
  switch (type) {
    case 'text':
      return textContent(text(field(part, 'body')));
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
      return contactsContent(part);
    case 'button':
      return choice(type, text(field(part, 'text')), null, text(field(part, 'payload')));
    case 'interactive':
      return interactiveContent(part);
    case 'order':
      return cartContent(part);
    case 'system': {
      const body = text(field(part, 'body'));
      return body === null ? unsupported(type) : { kind: 'system', text: body };
    }
    case 'unsupported':
      return unsupported(text(field(part, 'type')) ?? type);
    default:
      return unsupported(type);
  }
}

function textContent(body: string | null): MessageContent {
  return body === null ? unsupported('text') : { kind: 'text', text: body };
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
  if (latitude === null || longitude === null) return unsupported('location');
  const [name, address] = [text(field(location, 'name')), text(field(location, 'address'))];
  return { kind: 'location', latitude, longitude, name, address };
}

/** The choice or input of the buyer, in the words that the buyer saw. */
function interactiveContent(interactive: unknown): MessageContent {
  const type = text(field(interactive, 'type')) ?? 'interactive';
  const reply = field(interactive, type);
  switch (type) {
    case 'button_reply':
    case 'list_reply':
      return choice(type, text(field(reply, 'title')), text(field(reply, 'description')), text(field(reply, 'id')));
    case 'nfm_reply':
      return {
        kind: 'form',
        title: text(field(reply, 'name')),
        text: text(field(reply, 'body')),
        answers: formAnswers(field(reply, 'response_json')),
      };
    default:
      return unsupported(type);
  }
}

function choice(
  platformKind: string,
  title: string | null,
  description: string | null,
  externalChoiceId: string | null,
): MessageContent {
  return title === null ? unsupported(platformKind) : { kind: 'choice', title, description, externalChoiceId };
}

function contactsContent(part: unknown): MessageContent {
  const contacts = list(part).map((contact) => ({
    name: text(field(contact, 'name', 'formatted_name')),
    organisation: text(field(contact, 'org', 'company')),
    phones: texts(field(contact, 'phones'), 'phone'),
    emails: texts(field(contact, 'emails'), 'email'),
  }));
  return contacts.length === 0 ? unsupported('contacts') : { kind: 'contacts', contacts };
}

function texts(parts: unknown, name: string): string[] {
  return list(parts)
    .map((part) => text(field(part, name)))
    .filter((value) => value !== null);
}

/** A cart is a wish, not an order: it has no order id. */
function cartContent(order: unknown): MessageContent {
  const items = list(field(order, 'product_items')).flatMap((item) => {
    const externalProductId = text(field(item, 'product_retailer_id'));
    if (externalProductId === null) return [];
    const currency = text(field(item, 'currency')) ?? '';
    return [
      {
        externalProductId,
        title: null,
        quantity: quantityText(field(item, 'quantity')),
        unitPrice: createParts().read('item_price', () => amount(field(item, 'item_price'), currency)),
      },
    ];
  });
  const words = text(field(order, 'text'));
  return items.length === 0 && words === null ? unsupported('order') : { kind: 'cart', text: words, items };
}

/** As it was written. What is no quantity counts like none. */
function quantityText(value: unknown): string {
  const isQuantity = createParts().read('quantity', () => quantity(value)) !== null;
  return (isQuantity ? text(value) : null) ?? '1';
}

function unsupported(platformKind: string): MessageContent {
  return { kind: 'unsupported', platformKind };
}
