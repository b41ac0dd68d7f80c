import type { Context } from '../platform.port.ts';
import { decodeJson, encodeJson, textField } from '../json.ts';
import type { Content, Message, Shop, Thread } from '../model.ts';
import { seconds } from '../model.ts';

/** A conversation stays writable this long after its last message. */
const writableDays = 30;

export function canSend(context: Context, thread: Thread): boolean {
  const oldest = context.clock().getTime() - writableDays * 86_400_000;
  const hasRecentMessage = thread.messages.some((message) => message.at.getTime() >= oldest);
  return hasRecentMessage || context.world.orders(thread.shop).some((order) => order.buyer.key === thread.buyer.key);
}

function shopUserId(context: Context, shop: Shop): string {
  return context.seed.digits(19, 'tiktok-shop-user', shop.externalAccountId);
}

/** `content` is JSON text inside JSON. Received images have their sizes as text, and addresses that expire. */
export function tiktokContent(context: Context, content: Content): { type: string; content: string } {
  switch (content.kind) {
    case 'text':
      return { type: 'TEXT', content: encodeJson({ content: content.text }) };
    case 'image':
      return {
        type: 'IMAGE',
        content: encodeJson({ url: expiring(context, content.url), width: '320', height: '320' }),
      };
    case 'sticker':
      return { type: 'EMOTICONS', content: encodeJson({ url: content.stickerId }) };
    case 'order':
      return { type: 'ORDER_CARD', content: encodeJson({ order_id: content.externalOrderId }) };
    case 'product':
      return { type: 'PRODUCT_CARD', content: encodeJson({ product_id: content.externalProductId }) };
    case 'native':
      return { type: content.type, content: encodeJson(content.value) };
  }
}

const imageValidSeconds = 86_400;

function expiring(context: Context, url: string): string {
  const end = String(seconds(context.clock()) + imageValidSeconds);
  return url.endsWith('.png') ? `${url}?x-expires=${end}` : url;
}

/** Null for content that the send call does not accept, by its kind or its fields. */
export function readSent(type: string, contentText: string): Content | null {
  const value = decodeJson(contentText);
  const named = (name: string, make: (found: string) => Content) => {
    const found = textField(value, name);
    return found === '' ? null : make(found);
  };
  switch (type) {
    case 'TEXT':
      return named('content', (text) => ({ kind: 'text', text }));
    case 'IMAGE':
      return named('url', (url) => ({ kind: 'image', url, caption: null }));
    case 'PRODUCT_CARD':
      return named('product_id', (externalProductId) => ({ kind: 'product', externalProductId }));
    case 'ORDER_CARD':
      return named('order_id', (externalOrderId) => ({ kind: 'order', externalOrderId }));
    case 'COUPON_CARD':
      return named('coupon_id', (coupon_id) => ({ kind: 'native', type, value: { coupon_id } }));
    default:
      return null;
  }
}

export function senderOf(context: Context, thread: Thread, message: Message): { im_user_id: string; role: string } {
  return message.direction === 'inbound'
    ? { im_user_id: thread.buyer.externalId, role: 'BUYER' }
    : { im_user_id: shopUserId(context, thread.shop), role: 'CUSTOMER_SERVICE' };
}

export function messageObject(context: Context, thread: Thread, message: Message): Record<string, unknown> {
  const sender = senderOf(context, thread, message);
  const isBuyer = message.direction === 'inbound';
  return {
    id: message.id,
    ...tiktokContent(context, message.content),
    create_time: seconds(message.at),
    is_visible: true,
    index: String(message.sequence),
    sender: { ...sender, nickname: isBuyer ? thread.buyer.name : thread.shop.name, avatar: avatar(context, sender) },
  };
}

export function conversationObject(context: Context, thread: Thread): Record<string, unknown> {
  const { buyer, shop, messages } = thread;
  const latest = messages.at(-1);
  const lastAnswer = messages.findLastIndex((message) => message.direction === 'outbound');
  const seller = { im_user_id: shopUserId(context, shop), role: 'SHOP' };
  const buyerRole = { im_user_id: buyer.externalId, role: 'BUYER' };
  return {
    id: thread.id,
    participant_count: 2,
    can_send_message: canSend(context, thread),
    unread_count: messages.length - 1 - lastAnswer,
    create_time: seconds(messages[0]?.at ?? context.clock()),
    participants: [
      {
        ...buyerRole,
        user_id: buyer.commerceId,
        nickname: buyer.name,
        avatar: avatar(context, buyerRole),
        buyer_platform: 'TIKTOK_SHOP',
      },
      { ...seller, user_id: shop.externalAccountId, nickname: shop.name, avatar: avatar(context, seller) },
    ],
    latest_message: latest === undefined ? {} : messageObject(context, thread, latest),
  };
}

function avatar(context: Context, user: { im_user_id: string }): string {
  return `${context.origin()}/_twin/images/avatar-${user.im_user_id}.svg`;
}
