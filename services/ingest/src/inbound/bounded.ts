import {
  type Fact,
  headOf,
  idCharactersMax,
  type NormalisedChange,
  type NormalisedMessage,
} from '@crossdesk/channels/adapters';
import {
  type Buyer,
  type MessageChange,
  type MessageContent,
  type MessageContext,
  type PlatformFeedback,
  type PlatformOrder,
  textOf,
} from '@crossdesk/contracts';
import { isBlank } from '@crossdesk/service-kit';
import { storableKeyOf } from '../thread/storable-key.ts';

/** A page of 100 such texts is still a small part of what the gateway takes as one answer. */
export const shownTextCharactersMax = 32_000;
/** Items of an order; an event carries the whole order and may have 256 KB. */
export const orderItemsBytesMax = 128 * 1024;
/** Items, answers or cards of one message. */
const contentListBytesMax = 64 * 1024;
const wordCharactersMax = 1_000;
const addressCharactersMax = 4_000;
const elementsMax = 100;
const numberCharactersMax = 100;
const aliasesMax = 10;
const skusMax = 20;

/** A message that fits into an event. */
export interface BoundedMessage extends NormalisedMessage {
  /** The text as it was sent; absent if the content has all of it. */
  readonly wholeText?: string;
}

export type BoundedFact =
  | Exclude<Fact, { readonly type: 'message' }>
  | (Extract<Fact, { readonly type: 'message' }> & { readonly message: BoundedMessage });

/**
 * The same fact within the limits of keys, events and lists. No platform gets an error for a long value: the delivery is
 * archived whole, and what is shown is cut.
 */
export function bounded(fact: Fact): BoundedFact {
  switch (fact.type) {
    case 'message':
      return { ...fact, message: boundedMessage(fact.message) };
    case 'change':
      return { ...fact, change: boundedChange(fact.change) };
    case 'order':
      return { ...fact, order: boundedOrder(fact.order) };
    case 'feedback':
      return { ...fact, feedback: boundedFeedback(fact.feedback) };
    case 'order-hint':
      return { ...fact, externalOrderId: storableKeyOf(fact.externalOrderId) };
    case 'receipt':
      return { ...fact, externalMessageId: keyOrNull(fact.externalMessageId), detail: cutOrNull(fact.detail) };
    case 'account':
      return { ...fact, reason: cut(fact.reason) };
    case 'messages-hint':
    case 'unreadable':
      return fact;
    case 'ignored':
      return { ...fact, platformKind: cut(fact.platformKind) };
  }
}

function boundedMessage(message: NormalisedMessage): BoundedMessage {
  const { sequence } = message;
  const text = textOf(message.content);
  return {
    ...message,
    externalThreadId: storableKeyOf(message.externalThreadId),
    ...boundedAliases(message),
    externalMessageId: storableKeyOf(message.externalMessageId),
    replyToExternalId: keyOrNull(message.replyToExternalId),
    externalOrderIds: message.externalOrderIds.slice(0, elementsMax).map(storableKeyOf),
    sequence: sequence === null || sequence.length > numberCharactersMax ? null : sequence,
    buyer: boundedBuyer(message.buyer),
    content: boundedContent(message.content),
    ...(message.context === undefined ? {} : { context: limitedParts(message.context) as MessageContext }),
    ...(text !== null && text.length > shownTextCharactersMax ? { wholeText: text } : {}),
  };
}

function boundedAliases({ threadAliases }: Pick<NormalisedMessage, 'threadAliases'>) {
  if (threadAliases === undefined) return {};
  return {
    threadAliases: threadAliases.slice(0, aliasesMax).map((alias) => ({ ...alias, id: storableKeyOf(alias.id) })),
  };
}

function boundedChange(change: NormalisedChange): NormalisedChange {
  return {
    ...change,
    externalThreadId: storableKeyOf(change.externalThreadId),
    ...boundedAliases(change),
    externalMessageId: storableKeyOf(change.externalMessageId),
    buyer: boundedBuyer(change.buyer),
    change: boundedWhat(change.change),
  };
}

function boundedWhat(change: MessageChange): MessageChange {
  switch (change.kind) {
    case 'reacted':
      return { ...change, emoji: shownEmoji(change.emoji) };
    case 'edited':
      return { ...change, content: boundedContent(change.content) };
    case 'deleted':
      return change;
  }
}

/** A reaction that nobody sees is none. */
function shownEmoji(emoji: string | null): string | null {
  return emoji === null || isBlank(emoji) ? null : cutOrNull(emoji, numberCharactersMax);
}

function boundedBuyer(buyer: Buyer): Buyer {
  return {
    externalId: storableKeyOf(buyer.externalId),
    commerceId: keyOrNull(buyer.commerceId),
    name: cutOrNull(buyer.name, idCharactersMax),
    phone: orNull(buyer.phone, numberCharactersMax),
    email: orNull(buyer.email, wordCharactersMax),
    avatarUrl: orNull(buyer.avatarUrl, addressCharactersMax),
    locale: orNull(buyer.locale, numberCharactersMax),
  };
}

/** Content of any kind: the limit depends on what a field is, and its name says that. */
function boundedContent(content: MessageContent): MessageContent {
  const isShort = JSON.stringify(content).length <= idCharactersMax;
  return isShort ? content : (limitedParts(content) as MessageContent);
}

function limitedParts(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return limitedText(value, name);
  if (Array.isArray(value))
    return withinBytes(
      value.slice(0, elementsMax).map((part) => limitedParts(part, name)),
      contentListBytesMax,
    );
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([field, part]) => [field, limitedParts(part, field)]));
}

const wholeOrNothing = /(?:url|mediaId|stickerId)$/i;
const isId = /^external\w*Id$/;
const longTexts = new Set(['text', 'caption']);

function limitedText(value: string, name: string): string | null {
  if (longTexts.has(name)) return cut(value, shownTextCharactersMax);
  if (isId.test(name)) return storableKeyOf(value);
  // Part of an address leads nowhere.
  if (wholeOrNothing.test(name)) return orNull(value, addressCharactersMax);
  return cut(value);
}

function boundedOrder(order: PlatformOrder): PlatformOrder {
  const items = withinBytes(order.items.map(boundedItem), orderItemsBytesMax);
  const omitted = order.items.length - items.length;
  return {
    ...order,
    externalOrderId: storableKeyOf(order.externalOrderId),
    platformState: cut(order.platformState),
    buyerExternalId: keyOrNull(order.buyerExternalId),
    buyerName: cutOrNull(order.buyerName, idCharactersMax),
    recipient: order.recipient === null ? null : boundedRecipient(order.recipient),
    items,
    ...(omitted === 0 ? {} : { itemsOmitted: omitted }),
    shipments: order.shipments.slice(0, elementsMax).map(boundedShipment),
  };
}

type Part<Name extends 'items' | 'shipments'> = PlatformOrder[Name][number];

function boundedFeedback(feedback: PlatformFeedback): PlatformFeedback {
  return {
    ...feedback,
    externalFeedbackId: storableKeyOf(feedback.externalFeedbackId),
    text: cutOrNull(feedback.text, shownTextCharactersMax),
    language: orNull(feedback.language, numberCharactersMax),
    buyerExternalId: keyOrNull(feedback.buyerExternalId),
    externalOrderId: keyOrNull(feedback.externalOrderId),
    skus: feedback.skus.slice(0, skusMax).map((sku) => cut(sku, idCharactersMax)),
  };
}

function boundedItem(item: Part<'items'>): Part<'items'> {
  return {
    ...item,
    externalItemId: storableKeyOf(item.externalItemId),
    sku: cutOrNull(item.sku, idCharactersMax),
    title: cut(item.title),
    variant: cutOrNull(item.variant),
    imageUrl: orNull(item.imageUrl, addressCharactersMax),
  };
}

function boundedShipment(shipment: Part<'shipments'>): Part<'shipments'> {
  return {
    ...shipment,
    externalShipmentId: storableKeyOf(shipment.externalShipmentId),
    carrier: cutOrNull(shipment.carrier, idCharactersMax),
    trackingNumber: keyOrNull(shipment.trackingNumber),
    platformState: cutOrNull(shipment.platformState, idCharactersMax),
  };
}

function boundedRecipient(recipient: NonNullable<PlatformOrder['recipient']>) {
  return {
    ...recipient,
    name: cutOrNull(recipient.name, idCharactersMax),
    phone: orNull(recipient.phone, numberCharactersMax),
    fullAddress: cutOrNull(recipient.fullAddress),
    city: cutOrNull(recipient.city, idCharactersMax),
    region: cutOrNull(recipient.region, idCharactersMax),
    postalCode: orNull(recipient.postalCode, numberCharactersMax),
  };
}

/** The first elements whose JSON fits. */
function withinBytes<Element>(elements: readonly Element[], bytesMax: number): Element[] {
  let bytes = 0;
  const end = elements.findIndex((element) => (bytes += Buffer.byteLength(JSON.stringify(element)) + 1) > bytesMax);
  return elements.slice(0, end === -1 ? elements.length : end);
}

function cut(text: string, charactersMax = wordCharactersMax): string {
  return text.length <= charactersMax ? text : `${headOf(text, charactersMax - 1)}…`;
}

function cutOrNull(text: string | null, charactersMax = wordCharactersMax): string | null {
  return text === null ? null : cut(text, charactersMax);
}

/** A value that is useless in part. */
function orNull(text: string | null, charactersMax: number): string | null {
  return text !== null && text.length <= charactersMax ? text : null;
}

function keyOrNull(id: string | null): string | null {
  return id === null ? null : storableKeyOf(id);
}
