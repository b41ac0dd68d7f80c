import type { Context } from '../platform.port.ts';
import { field, isRecord, textField } from '../json.ts';
import type { Content } from '../model.ts';
import { mediaOf } from './whatsapp.media.ts';

const mediaTypes: readonly string[] = ['image', 'video', 'audio', 'document', 'sticker'];
const otherTypes: readonly string[] = ['reaction', 'interactive', 'template', 'location', 'contacts'];

/** A buyer's message in the form of webhooks. Orders come as text, because WhatsApp has no order cards for buyers. */
export function whatsappContent(context: Context, content: Content): { type: string } & Record<string, unknown> {
  switch (content.kind) {
    case 'text':
      return { type: 'text', text: { body: content.text } };
    case 'image': {
      const media = mediaOf(context, content.url);
      const caption = content.caption === null ? {} : { caption: content.caption };
      return { type: 'image', image: { id: media.id, mime_type: media.mimeType, sha256: media.sha256, ...caption } };
    }
    case 'sticker': {
      const media = mediaOf(context, `${context.origin()}/_twin/images/sticker-${content.stickerId}.svg`);
      const sticker = { id: media.id, mime_type: 'image/webp', sha256: media.sha256, animated: false };
      return { type: 'sticker', sticker };
    }
    case 'order':
      return { type: 'text', text: { body: content.externalOrderId } };
    case 'product': {
      const product_items = [
        { product_retailer_id: content.externalProductId, quantity: 1, item_price: 0, currency: '' },
      ];
      return { type: 'order', order: { catalog_id: 'twin', product_items } };
    }
    case 'native':
      return { type: content.type, [content.type]: content.value };
  }
}

export type SentContent =
  { readonly ok: true; readonly content: Content } | { readonly ok: false; readonly details: string };

const textCharactersMax = 4_096;

/** `urlOf`: where an uploaded file is; null for an unknown id. */
export function readSent(body: unknown, urlOf: (id: string) => string | null): SentContent {
  const type = textField(body, 'type') === '' ? 'text' : textField(body, 'type');
  const value = field(body, type);
  if (type === 'text') {
    const text = textField(value, 'body');
    if (text === '') return { ok: false, details: 'text.body is required.' };
    if (text.length > textCharactersMax)
      return { ok: false, details: `text.body is over ${textCharactersMax} characters.` };
    return { ok: true, content: { kind: 'text', text } };
  }
  if (type === 'contacts' && Array.isArray(value)) {
    return { ok: true, content: { kind: 'native', type, value: { contacts: value } } };
  }
  if (!isRecord(value)) return { ok: false, details: `${type} is required for a message of this type.` };
  if (mediaTypes.includes(type)) return readMedia(type, value, urlOf);
  if (otherTypes.includes(type)) return { ok: true, content: { kind: 'native', type, value } };
  return { ok: false, details: `type "${type}" is not one of the allowed values.` };
}

function readMedia(type: string, value: Record<string, unknown>, urlOf: (id: string) => string | null): SentContent {
  const link = textField(value, 'link');
  const id = textField(value, 'id');
  if ((link === '') === (id === '')) return { ok: false, details: `${type} needs either id or link.` };
  const url = link === '' ? urlOf(id) : link;
  if (url === null) return { ok: false, details: `${type}.id is not a media id of this phone number.` };
  if (type === 'image') {
    const caption = textField(value, 'caption');
    return { ok: true, content: { kind: 'image', url, caption: caption === '' ? null : caption } };
  }
  return { ok: true, content: { kind: 'native', type, value: { ...value, url } } };
}
