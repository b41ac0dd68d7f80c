import { createHash } from 'node:crypto';
import {
  type Fact,
  type ParsedDelivery,
  UnparsableDelivery,
  type WebhookAddress,
  type WebhookRequest,
} from '../port/index.ts';
import { about } from '../shared/addressing.ts';
import { factsOfEach } from '../shared/elements.ts';
import { deliveryJson, field, seconds, text } from '../shared/platform-json.ts';
import { readMessage, unnamedBuyer } from './tiktok-shop.message.ts';

const notificationIdCharactersMax = 100;

/** @throws UnparsableDelivery */
export function parsePush(address: WebhookAddress, request: WebhookRequest): ParsedDelivery {
  const push = deliveryJson(request.rawBody);
  const type = text(field(push, 'type'));
  if (type === null || !/^[0-9]{1,6}$/.test(type)) throw new UnparsableDelivery('type is missing or not a number');
  const facts = about(address, text(field(push, 'shop_id')), factsOf(type, field(push, 'data')));
  return { deliveryKey: deliveryKeyOf(type, push, request.rawBody), facts };
}

function factsOf(type: string, data: unknown): readonly Fact[] {
  switch (type) {
    case '1': // ORDER_STATUS_CHANGE
    case '3': // RECIPIENT_ADDRESS_UPDATE
    case '2': // REVERSE_STATUS_UPDATE, the old form of 12
    case '12': // RETURN_STATUS_CHANGE: the returns of an order are read with it
    case '11': // CANCELLATION_STATUS_CHANGE: the order shows the buyer's request
      return [orderHint(text(field(data, 'order_id')), 'data.order_id')];
    case '4': // PACKAGE_UPDATE
      return packageHints(data);
    case '6': // SELLER_DEAUTHORIZATION
      return [
        {
          type: 'account',
          status: 'reauthorise',
          reason: 'The seller withdrew the authorisation: authorise the app again',
          loss: 'revoked',
        },
      ];
    case '7': // UPCOMING_AUTHORIZATION_EXPIRATION
      return [expiryWarning(data)];
    case '14': // NEW_MESSAGE
      return [messageFact(data)];
    default:
      return [ignored(type)];
  }
}

function messageFact(data: unknown): Fact {
  const conversationId = text(field(data, 'conversation_id'));
  if (conversationId === null) throw new UnparsableDelivery('data.conversation_id is missing');
  const message = readMessage(data, conversationId, unnamedBuyer(conversationId));
  return message === null
    ? { type: 'ignored', platformKind: '14/invisible', reason: 'hidden' }
    : { type: 'message', message };
}

/** Packages are combined and split across orders: one fact per order. */
function packageHints(data: unknown): readonly Fact[] {
  const seen = new Set<string>();
  const facts = factsOfEach('data.package_list', field(data, 'package_list'), (parcel, at) =>
    factsOfEach(`${at}.order_id_list`, field(parcel, 'order_id_list'), (value) => {
      const hint = orderHint(text(value), 'an entry of order_id_list');
      const isKnown = hint.type === 'order-hint' && seen.has(hint.externalOrderId);
      if (hint.type === 'order-hint') seen.add(hint.externalOrderId);
      return isKnown ? [] : [hint];
    }),
  );
  if (facts.length === 0) throw new UnparsableDelivery('data.package_list names no order');
  return facts;
}

function orderHint(externalOrderId: string | null, name: string): Fact {
  if (externalOrderId === null) throw new UnparsableDelivery(`${name} is missing`);
  return { type: 'order-hint', externalOrderId };
}

/** A warning from thirty days ahead: the account still works, so it stays connected. */
function expiryWarning(data: unknown): Fact {
  const until = seconds(field(data, 'expiration_time'));
  const when = until === null ? 'soon' : `at ${until.toISOString()}`;
  const reason = `The authorisation expires ${when}: authorise the app again`;
  return { type: 'account', status: 'connected', reason, ...(until === null ? {} : { consent: { endsBy: until } }) };
}

function ignored(platformKind: string): Fact {
  return { type: 'ignored', platformKind };
}

/** The notification id is missing on some events. */
function deliveryKeyOf(type: string, push: unknown, rawBody: Uint8Array): string {
  const id = text(field(push, 'tts_notification_id'));
  if (id === null) return `${type}:${sha256(rawBody)}`;
  return `${type}:${id.length <= notificationIdCharactersMax ? id : sha256(id)}`;
}

function sha256(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}
