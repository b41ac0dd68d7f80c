import type { Buyer } from '@crossdesk/contracts';
import { type Listed, type NormalisedMessage, type ReadAgain, UnparsableDelivery } from '../port/index.ts';
import { readKeptBuyer, readListed } from '../shared/elements.ts';
import { deliveryJson, field, isPlausible, text, toldSeconds } from '../shared/platform-json.ts';
import { cdnUrl, readContent } from './shopee.content.ts';

const automaticStatuses = new Set(['auto_reply', 'offwork_autoreply']);

/** The context of a message: our shop, the buyer if the conversation tells them, and the region for picture ids. */
export interface MessagePlace {
  readonly shopId: string;
  readonly buyer: Buyer | null;
  readonly region: string | null;
}

/**
 * Reads a message object, the same shape in pushes and lists.
 * @throws UnparsableDelivery
 */
export function readMessage(value: unknown, place: MessagePlace): NormalisedMessage {
  const externalMessageId = required(value, 'message_id');
  const externalThreadId = required(value, 'conversation_id');
  const occurredAt = toldSeconds(field(value, 'created_timestamp'));
  if (occurredAt === null) throw new UnparsableDelivery('created_timestamp is missing or no number of seconds');
  const platformKind = text(field(value, 'message_type')) ?? 'none';
  const region = text(field(value, 'region')) ?? place.region;
  const direction = directionOf(value, place);
  if (direction === null)
    throw new UnparsableDelivery('from_shop_id and to_shop_id are missing: who wrote is not told');
  const content = readContent(platformKind, field(value, 'content'), region);
  return {
    externalThreadId,
    externalMessageId,
    direction,
    author: authorOf(value, direction, platformKind),
    buyer: place.buyer ?? readBuyer(value, direction),
    content,
    occurredAt,
    sequence: sequenceOf(occurredAt, externalMessageId),
    replyToExternalId: idOf(field(value, 'quoted_msg', 'message_id')),
    externalOrderIds: orderIdsOf(value, content.kind === 'order' ? content.externalOrderId : null),
    ...contextOf(value),
    raw: JSON.stringify(value),
  };
}

/** Reads the messages of a list. */
export function readMessages(values: unknown, place: MessagePlace): Listed<NormalisedMessage> {
  return readListed(
    values,
    (value) => readMessage(value, place),
    (message) => ({ message, buyer: place.buyer }),
  );
}

/** Reads the `raw` of a message that could not be read. */
export const readMessageAgain: ReadAgain<NormalisedMessage> = ({ externalAccountId: shopId }, raw) => {
  const kept = deliveryJson(Buffer.from(raw));
  const buyer = readKeptBuyer(field(kept, 'buyer'));
  return { items: [readMessage(field(kept, 'message'), { shopId, buyer, region: null })], unreadable: [] };
};

/** The buyer of a conversation object; null when it names none. */
export function readConversationBuyer(conversation: unknown): Buyer | null {
  const id = idOf(field(conversation, 'to_id'));
  if (id === null) return null;
  const region = text(field(conversation, 'region'));
  const avatarUrl = cdnUrl(text(field(conversation, 'to_avatar')), region);
  return { ...buyerOf(id, text(field(conversation, 'to_name'))), avatarUrl };
}

/** An id; Shopee writes "", "0" or 0 for no id. */
export function idOf(value: unknown): string | null {
  const id = text(value);
  return id === '0' ? null : id;
}

/**
 * Ids decide, not names. Pushes before April 2025 have no shops: for them the sub-account of a seller's agent and the
 * status of automatic replies decide. Null if nothing tells who wrote: then only the conversation names its buyer.
 */
export function directionOf(value: unknown, { shopId, buyer }: MessagePlace): NormalisedMessage['direction'] | null {
  const fromId = idOf(field(value, 'from_id'));
  if (buyer !== null && fromId !== null) return fromId === buyer.externalId ? 'inbound' : 'outbound';
  const fromShop = idOf(field(value, 'from_shop_id'));
  if (fromShop !== null) return fromShop === shopId ? 'outbound' : 'inbound';
  if (idOf(field(value, 'sub_account_id')) !== null || isAutomatic(value)) return 'outbound';
  const receiverShop = idOf(field(value, 'to_shop_id'));
  if (receiverShop === null) return null;
  return receiverShop === shopId ? 'inbound' : 'outbound';
}

function authorOf(
  value: unknown,
  direction: NormalisedMessage['direction'],
  platformKind: string,
): NormalisedMessage['author'] {
  if (platformKind === 'notification') return 'system';
  if (direction === 'inbound') return 'buyer';
  return isAutomatic(value) ? 'bot' : 'seller';
}

function isAutomatic(value: unknown): boolean {
  return automaticStatuses.has(text(field(value, 'status')) ?? '');
}

function readBuyer(value: unknown, direction: NormalisedMessage['direction']): Buyer {
  const side = direction === 'inbound' ? 'from' : 'to';
  return buyerOf(required(value, `${side}_id`), text(field(value, `${side}_user_name`)));
}

/** Orders and chats name the buyer by the same user id. */
function buyerOf(id: string, name: string | null): Buyer {
  return { externalId: id, commerceId: id, name, phone: null, email: null, avatarUrl: null, locale: null };
}

/** Shopee orders messages by second, then by the number of the message id; ids have at most 20 digits. */
export function sequenceOf(occurredAt: Date, messageId: string): string | null {
  if (!/^[0-9]{1,20}$/.test(messageId) || !isPlausible(occurredAt)) return null;
  return `${Math.floor(occurredAt.getTime() / 1_000)}${messageId.padStart(20, '0')}`;
}

/** The product page from which the buyer wrote; the order page is in `orderIdsOf`. */
function contextOf(value: unknown): Pick<NormalisedMessage, 'context'> {
  const externalProductId = idOf(field(value, 'source_content', 'item_id'));
  if (externalProductId === null) return {};
  return { context: { referral: null, product: { externalProductId, externalCatalogId: null }, problem: null } };
}

function orderIdsOf(value: unknown, contentOrderId: string | null): readonly string[] {
  const ids = [idOf(field(value, 'source_content', 'order_sn')), contentOrderId].filter((id) => id !== null);
  return [...new Set(ids)];
}

function required(value: unknown, name: string): string {
  const id = idOf(field(value, name));
  if (id === null) throw new UnparsableDelivery(`${name} is missing`);
  return id;
}
