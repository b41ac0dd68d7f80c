import type { Buyer } from '@crossdesk/contracts';
import { type Listed, type NormalisedMessage, type ReadAgain, UnparsableDelivery } from '../port/index.ts';
import { readKeptBuyer, readListed } from '../shared/elements.ts';
import { boolean, deliveryJson, field, list, text, toldSeconds } from '../shared/platform-json.ts';
import { innerContent, readContent } from './tiktok-shop.content.ts';

/** Notices of the platform about the buyer, which the buyer did not write. */
const noticeKinds = new Set([
  'BUYER_ENTER_FROM_PRODUCT',
  'BUYER_ENTER_FROM_ORDER',
  'BUYER_ENTER_FROM_TRANSFER',
  'ALLOCATED_SERVICE',
  'NOTIFICATION',
]);

/**
 * Reads a message object, which has the same shape in pushes and lists except for the name of its id.
 * Null for a message that is not to be shown, such as a rating request.
 * @throws UnparsableDelivery
 */
export function readMessage(value: unknown, externalThreadId: string, buyer: Buyer): NormalisedMessage | null {
  if (boolean(field(value, 'is_visible')) === false) return null;
  const externalMessageId = text(field(value, 'message_id')) ?? text(field(value, 'id'));
  if (externalMessageId === null) throw new UnparsableDelivery('the message id is missing');
  const occurredAt = toldSeconds(field(value, 'create_time'));
  if (occurredAt === null) throw new UnparsableDelivery('create_time is missing or no number of seconds');
  const platformKind = text(field(value, 'type')) ?? 'none';
  const orderId = text(field(innerContent(field(value, 'content')), 'order_id'));
  return {
    externalThreadId,
    externalMessageId,
    ...sideOf(value, platformKind),
    buyer,
    content: readContent(platformKind, field(value, 'content')),
    occurredAt,
    sequence: sequenceOf(value),
    replyToExternalId: null,
    externalOrderIds: orderId === null ? [] : [orderId],
    raw: JSON.stringify(value),
  };
}

/** Reads the messages of a list, which do not name their conversation themselves. */
export function readMessages(values: unknown, externalThreadId: string, buyer: Buyer): Listed<NormalisedMessage> {
  return readListed(
    values,
    (value) => readMessage(value, externalThreadId, buyer),
    (message) => ({ message, conversationId: externalThreadId, buyer }),
  );
}

/** Reads the `raw` of a message that could not be read. */
export const readMessageAgain: ReadAgain<NormalisedMessage> = (_account, raw) => {
  const kept = deliveryJson(Buffer.from(raw));
  const threadId = text(field(kept, 'conversationId'));
  if (threadId === null) throw new UnparsableDelivery('the id of the conversation is missing');
  const buyer = readKeptBuyer(field(kept, 'buyer')) ?? unnamedBuyer(threadId);
  const message = readMessage(field(kept, 'message'), threadId, buyer);
  return { items: message === null ? [] : [message], unreadable: [] };
};

/**
 * The buyer of a thread when only its messages are known. A conversation has exactly one buyer, so its id names them in
 * every message. A sender id does not come with every message and does not link to orders.
 */
export function unnamedBuyer(externalThreadId: string): Buyer {
  return {
    externalId: `conversation:${externalThreadId}`,
    commerceId: null,
    name: null,
    phone: null,
    email: null,
    avatarUrl: null,
    locale: null,
  };
}

/** The buyer of a conversation object; the unnamed buyer when it lists none. */
export function readConversationBuyer(conversation: unknown, externalThreadId: string): Buyer {
  const participants = list(field(conversation, 'participants'));
  const buyer = participants.find((participant) => text(field(participant, 'role')) === 'BUYER');
  return {
    ...unnamedBuyer(externalThreadId),
    commerceId: text(field(buyer, 'user_id')),
    name: text(field(buyer, 'nickname')),
    avatarUrl: text(field(buyer, 'avatar')),
  };
}

/** Decided by role, never by id: the platform's own messages have the id of the shop. */
function sideOf(value: unknown, platformKind: string): Pick<NormalisedMessage, 'direction' | 'author'> {
  const role = text(field(value, 'sender', 'role'));
  const direction = role === 'BUYER' ? 'inbound' : 'outbound';
  if (noticeKinds.has(platformKind)) return { direction, author: 'system' };
  switch (role) {
    case 'BUYER':
      return { direction, author: 'buyer' };
    case 'SHOP':
    case 'CUSTOMER_SERVICE':
      return { direction, author: 'seller' };
    case 'ROBOT':
      return { direction, author: 'bot' };
    case null:
      throw new UnparsableDelivery('sender.role is missing');
    default:
      return { direction, author: 'system' };
  }
}

/** `index` grows with every message of a conversation, with gaps. */
function sequenceOf(value: unknown): string | null {
  const index = text(field(value, 'index')) ?? '';
  return /^[0-9]{1,40}$/.test(index) ? index : null;
}
