import { createHash } from 'node:crypto';
import {
  type AuthorisationLoss,
  type Fact,
  type IgnoredReason,
  type ParsedDelivery,
  UnparsableDelivery,
  type WebhookAddress,
  type WebhookAnswer,
  type WebhookRequest,
} from '../port/index.ts';
import { about } from '../shared/addressing.ts';
import { boolean, deliveryJson, field, list, seconds, text } from '../shared/platform-json.ts';
import { directionOf, idOf, readMessage } from './shopee.message.ts';

const deliveryKeyCharactersMax = 200;
const platformKindCharactersMax = 100;
const refusedStatuses = new Set(['blocked', 'censored_blacklist']);

/**
 * When the callback address is saved, Shopee sends a check to it: an empty body without a push code, which may be
 * unsigned and needs an empty 2xx. Everything else has to be signed.
 */
export function answerHandshake(request: WebhookRequest): WebhookAnswer | null {
  if (request.method !== 'POST' || !isEmptyBody(request.rawBody)) return null;
  return { status: 200, contentType: 'text/plain', body: '' };
}

function isEmptyBody(rawBody: Uint8Array): boolean {
  // The longest body to check: an empty object with some white space around it.
  if (rawBody.length > 64) return false;
  return /^(?:\{\s*\})?$/.test(Buffer.from(rawBody).toString('utf8').trim());
}

/** @throws UnparsableDelivery */
export function parsePush(address: WebhookAddress, request: WebhookRequest): ParsedDelivery {
  const push = deliveryJson(request.rawBody);
  const code = text(field(push, 'code'));
  if (code === null || !/^[0-9]{1,6}$/.test(code)) throw new UnparsableDelivery('code is missing or not a number');
  return {
    deliveryKey: shortened(deliveryKeyOf(code, push, request.rawBody)),
    facts: factsOf(code, push, address),
  };
}

function factsOf(code: string, push: unknown, address: WebhookAddress): readonly Fact[] {
  const data = field(push, 'data');
  const shopId = idOf(field(push, 'shop_id'));
  switch (code) {
    case '1':
    case '2':
      return authorisationFacts(address, code, data, shopId);
    case '3':
    case '4':
    case '30':
      return about(address, shopId, [orderHint(data, 'ordersn')]);
    case '29': // a return or a dispute: the state of its order tells
      return about(address, shopId, [orderHint(data, 'order_sn')]);
    case '10':
      return about(address, shopId, chatFacts(data, shopId ?? address.externalAccountId ?? ''));
    case '12':
      return expiryFacts(address, data);
    default:
      return [ignored(code)];
  }
}

/**
 * One fact for each named shop. A push that names only merchants, a main account or nothing says nothing about the shop
 * of the address: if its authorisation ended, the platform refuses its token.
 */
function authorisationFacts(
  address: WebhookAddress,
  code: string,
  data: unknown,
  pushShopId: string | null,
): readonly Fact[] {
  const named = [field(data, 'shop_id'), ...list(field(data, 'shop_id_list'))].map(idOf);
  const shopIds = new Set([...named, pushShopId].filter((id) => id !== null));
  const hasFailed = text(field(data, 'success')) === '0' || boolean(field(data, 'success')) === false;
  if (shopIds.size === 0 || hasFailed)
    return [hasFailed ? ignored(`${code}/failed`, 'error') : ignored(`${code}/no shop`, 'unnamed')];
  const fact = code === '1' ? authorisedFact : endedFact(data);
  return [...shopIds].flatMap((shopId) => about(address, shopId, [fact]));
}

function expiringShops(data: unknown): readonly string[] {
  const ids = list(field(data, 'shop_expire_soon')).map((shop) => idOf(shop) ?? idOf(field(shop, 'shop_id')));
  return ids.filter((id) => id !== null);
}

/** The push may name only merchants and users. */
function expiryFacts(address: WebhookAddress, data: unknown): readonly Fact[] {
  const shops = expiringShops(data);
  if (shops.length === 0) return [ignored('12/no shop', 'unnamed')];
  return shops.flatMap((shop) => about(address, shop, [expiryFact(data)]));
}

function orderHint(data: unknown, name: 'ordersn' | 'order_sn'): Fact {
  const externalOrderId = text(field(data, name));
  if (externalOrderId === null) throw new UnparsableDelivery(`data.${name} is missing`);
  return { type: 'order-hint', externalOrderId };
}

function chatFacts(data: unknown, shopId: string): readonly Fact[] {
  const type = text(field(data, 'type'));
  const content = field(data, 'content');
  if (type === null) throw new UnparsableDelivery('data.type is missing');
  // Notifications report actions of the seller's side in Shopee's console (mark_as_replied); none is documented to
  // report that the buyer has read something.
  if (type !== 'message') return [ignored(`10/${type}/${text(field(content, 'type')) ?? 'none'}`, 'console')];
  const place = { shopId, buyer: null, region: text(field(data, 'region')) };
  if (directionOf(content, place) === null) return [{ type: 'messages-hint' }];
  const message = readMessage(content, place);
  const status = text(field(content, 'status')) ?? '';
  if (message.direction === 'inbound' || !refusedStatuses.has(status)) return [{ type: 'message', message }];
  const refusal: Fact = {
    type: 'receipt',
    externalMessageId: message.externalMessageId,
    clientReference: null,
    status: 'failed',
    failure: 'POLICY_BLOCKED',
    detail: `Shopee did not deliver the message: ${status}`,
    occurredAt: message.occurredAt,
  };
  return [{ type: 'message', message }, refusal];
}

const authorisedFact: Fact = {
  type: 'account',
  status: 'connected',
  reason: 'The shop authorised the app',
  consent: 'renewed',
};

/** Why Shopee ended an authorisation, in its own words. */
const endings: readonly { readonly words: RegExp; readonly loss: AuthorisationLoss; readonly reason: string }[] = [
  {
    words: /frozen|freeze|banned/i,
    loss: 'banned',
    reason: 'Shopee froze the shop: its owner has to settle this with Shopee, then authorise the app again',
  },
  { words: /expire/i, loss: 'expired', reason: 'The authorisation expired: authorise the app again' },
];

function endedFact(data: unknown): Fact {
  const words = [field(data, 'authorize_type'), field(data, 'extra')].map((value) => text(value) ?? '').join(' ');
  const ending = endings.find((one) => one.words.test(words));
  const cancelled = "The shop cancelled the app's authorisation: authorise it again in Shopee's open platform";
  const { loss = 'revoked', reason = cancelled } = ending ?? {};
  return { type: 'account', status: 'reauthorise', reason, loss };
}

/** A warning seven days ahead: the account still works, so it stays connected. */
function expiryFact(data: unknown): Fact {
  const until = seconds(field(data, 'expire_before'));
  const when = until === null ? 'soon' : `before ${until.toISOString()}`;
  const reason = `The authorisation expires ${when}: authorise the app again`;
  return { type: 'account', status: 'connected', reason, ...(until === null ? {} : { consent: { endsBy: until } }) };
}

function ignored(platformKind: string, reason?: IgnoredReason): Fact {
  const kind = platformKind.slice(0, platformKindCharactersMax);
  return { type: 'ignored', platformKind: kind, ...(reason === undefined ? {} : { reason }) };
}

/**
 * One address may serve many shops, and their ids are their own: the shop is part of every key. The id of a message is
 * unique within its chat only.
 */
function deliveryKeyOf(code: string, push: unknown, rawBody: Uint8Array): string {
  const shop = text(field(push, 'shop_id')) ?? '';
  const data = field(push, 'data');
  const content = field(data, 'content');
  if (code === '10' && field(data, 'type') === 'message') {
    const chat = text(field(content, 'conversation_id')) ?? '';
    return `10:message:${shop}:${chat}:${text(field(content, 'message_id')) ?? sha256(rawBody)}`;
  }
  if (code === '10') {
    const names = ['type', 'conversation_id', 'timestamp'];
    const parts = [shop, ...names.map((name) => text(field(content, name)))];
    return `10:notification:${sha256(parts.includes(null) ? rawBody : JSON.stringify(parts))}`;
  }
  const pushId = text(field(push, 'msg_id'));
  if (pushId !== null) return `${code}:${pushId}`;
  const orderId = text(field(data, 'ordersn'));
  return orderId === null ? `${code}:${sha256(rawBody)}` : orderKey(code, push, data, orderId);
}

function orderKey(code: string, push: unknown, data: unknown, orderId: string): string {
  const names = ['status', 'fulfillment_status', 'package_number', 'tracking_no', 'update_time'];
  const parts = [field(push, 'shop_id'), ...names.map((name) => field(data, name))].map((part) => text(part) ?? '');
  return [code, orderId, ...parts].join(':');
}

function shortened(key: string): string {
  return key.length <= deliveryKeyCharactersMax ? key : `${key.slice(0, key.indexOf(':'))}:${sha256(key)}`;
}

function sha256(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}
