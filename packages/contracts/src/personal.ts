import type { MessageContent } from './content.ts';

/** The content of an erased message: only its kind, and the orders and products it names. */
export function erasedContent(content: MessageContent): MessageContent {
  switch (content.kind) {
    case 'text':
    case 'system':
      return { kind: content.kind, text: '' };
    case 'image':
    case 'video':
    case 'audio':
    case 'file': {
      const nothing = { url: null, thumbnailUrl: null, mediaId: null, mimeType: null, fileName: null, caption: null };
      return { kind: content.kind, ...nothing };
    }
    case 'sticker':
      return { kind: 'sticker', stickerId: null, url: null };
    case 'location':
      return { kind: 'location', latitude: 0, longitude: 0, name: null, address: null };
    case 'choice':
      return { kind: 'choice', title: '', description: null, externalChoiceId: null };
    case 'contacts':
      return { kind: 'contacts', contacts: [] };
    case 'form':
      return { kind: 'form', title: null, text: null, answers: [] };
    case 'cart':
      return { ...content, text: null };
    case 'order':
    case 'product':
    case 'return':
    case 'coupon':
    case 'bundle':
    case 'unsupported':
      return content;
  }
}

/** Replaces an erased reply: no channel sends this kind, so that nobody gets an empty message instead. */
export const erasedReply: MessageContent = { kind: 'unsupported', platformKind: 'erased' };
