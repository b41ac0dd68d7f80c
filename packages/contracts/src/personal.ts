import type { MessageContent } from './channels.ts';
import type { AnyEvent, EventData, EventType } from './events.ts';
import type { Buyer, PlatformOrder } from './events/ingest.ts';

/** The buyer without anything that identifies them. The platform's own ids stay: by them a repeated delivery is recognised. */
export function erasedBuyer({ externalId, commerceId }: Buyer): Buyer {
  return { externalId, commerceId, name: null, phone: null, email: null, avatarUrl: null, locale: null };
}

/** What a message was, without what it said: its kind stays, with the orders and products it names. */
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

/** What stands for a reply that was erased: no channel sends it, so that nobody gets an empty message in its place. */
export const erasedReply: MessageContent = { kind: 'unsupported', platformKind: 'erased' };

/** What is personal in an order; goods, money and shipments are not. */
export const erasedOrderFields = { buyerName: null, recipient: null } as const satisfies Partial<PlatformOrder>;

type Erase<T extends EventType> = (data: EventData<T>) => EventData<T>;

/**
 * The one list of what is personal about buyers in events: what the data of each type is once its buyer is erased. Null =
 * there is nothing of a buyer in it. A new type does not compile before somebody has thought about it here.
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

/** The event without what is personal about its buyer; null when there is nothing of the kind in it. */
export function erasedEvent(event: AnyEvent): AnyEvent | null {
  // Type and data belong together: the event passed its contract.
  const erase = erasures[event.type] as ((data: unknown) => unknown) | null;
  return erase === null ? null : ({ ...event, data: erase(event.data) } as AnyEvent);
}
