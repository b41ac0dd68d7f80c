import type { MessageContent } from './channels.ts';
import type { AnyEvent, EventData, EventType } from './events.ts';
import type { Buyer, PlatformOrder } from './events/ingest.ts';

/** The buyer without identifying data. The platform's own ids stay, to recognise a repeated delivery. */
export function erasedBuyer({ externalId, commerceId }: Buyer): Buyer {
  return { externalId, commerceId, name: null, phone: null, email: null, avatarUrl: null, locale: null };
}

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
      return { kind: 'location', latitude: 0, longitude: 0, name: null };
    case 'order':
    case 'product':
    case 'unsupported':
      return content;
  }
}

/** Replaces an erased reply: no channel sends this kind, so that nobody gets an empty message instead. */
export const erasedReply: MessageContent = { kind: 'unsupported', platformKind: 'erased' };

/** The personal fields of an order, erased; goods, money and shipments are not personal. */
export const erasedOrderFields = { buyerName: null, recipient: null } as const satisfies Partial<PlatformOrder>;

type Erase<T extends EventType> = (data: EventData<T>) => EventData<T>;

/**
 * The single list of personal data of buyers in events: how to erase the data of each type. Null = the type has no
 * personal data of a buyer. A new type does not compile without an entry here.
 */
const erasures: { readonly [T in EventType]: Erase<T> | null } = {
  'ingest.message-received': (data) => ({
    ...data,
    buyer: erasedBuyer(data.buyer),
    content: erasedContent(data.content),
  }),
  'ingest.buyer-identified': (data) => ({ ...data, buyer: erasedBuyer(data.buyer) }),
  'ingest.order-updated': (data) => ({ ...data, ...erasedOrderFields }),
  'ingest.delivery-updated': (data) => ({ ...data, detail: null }),
  'ingest.account-changed': null,
  'ingest.buyer-erased': null,
  'ingest.personal-data-erased': null,
  'conversation.message-added': (data) => ({ ...data, text: null }),
  'conversation.reply-requested': (data) => ({ ...data, content: erasedReply }),
  'conversation.delivery-changed': null,
  'conversation.changed': null,
  'conversation.note-added': null,
  'conversation.agent-changed': null,
  'conversation.buyer-erased': null,
  'conversation.personal-data-erased': null,
  'crm.conversation-linked': null,
  'crm.customer-erasure-requested': null,
  'automation.message-analysed': null,
};

/** The event without the personal data of its buyer; null when its type has none. */
export function erasedEvent(event: AnyEvent): AnyEvent | null {
  // Type and data match, because the event passed its contract.
  const erase = erasures[event.type] as ((data: unknown) => unknown) | null;
  return erase === null ? null : ({ ...event, data: erase(event.data) } as AnyEvent);
}
