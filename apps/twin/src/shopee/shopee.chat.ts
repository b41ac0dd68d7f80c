import type { Context } from '../platform.port.ts';
import type { Content, Message, Shop, Thread } from '../model.ts';
import { seconds } from '../model.ts';
import { isRecord, textField } from '../json.ts';

export function sellerUserId(context: Context, shop: Shop): number {
  return Number(context.seed.digits(9, 'shopee-seller', shop.externalAccountId));
}

/** Conversations are paged by nanoseconds: 19 digits, sent as a raw JSON number. */
export function nanoseconds(message: Message): bigint {
  return BigInt(message.at.getTime()) * 1_000_000n + (message.sequence % 1_000_000n);
}

function shopeeContent(shop: Shop, content: Content): { type: string; value: Record<string, unknown> } {
  const shopId = Number(shop.externalAccountId);
  switch (content.kind) {
    case 'text':
      return { type: 'text', value: { text: content.text } };
    case 'image': {
      const image = { url: content.url, thumb_url: content.url, thumb_height: 320, thumb_width: 320 };
      if (content.caption === null) return { type: 'image', value: { ...image, file_server_id: 0 } };
      return { type: 'image_with_text', value: { ...image, file_server_id: 0, text: content.caption } };
    }
    case 'sticker':
      return { type: 'sticker', value: { sticker_id: content.stickerId, sticker_package_id: 'twin' } };
    case 'order':
      return { type: 'order', value: { order_sn: content.externalOrderId, shop_id: shopId } };
    case 'product':
      return { type: 'item', value: { shop_id: shopId, item_id: Number(content.externalProductId) } };
    case 'native':
      return { type: content.type, value: { ...content.value } };
  }
}

/** Null for content that the send call does not accept, by its kind or its fields. */
export function readSent(type: string, value: unknown): Content | null {
  switch (type) {
    case 'text': {
      const text = textField(value, 'text');
      return text === '' ? null : { kind: 'text', text };
    }
    case 'image': {
      const url = textField(value, 'image_url');
      return url === '' ? null : { kind: 'image', url, caption: null };
    }
    case 'sticker': {
      const stickerId = textField(value, 'sticker_id');
      return stickerId === '' ? null : { kind: 'sticker', stickerId };
    }
    case 'item': {
      const externalProductId = textField(value, 'item_id');
      return externalProductId === '' ? null : { kind: 'product', externalProductId };
    }
    case 'order': {
      const externalOrderId = textField(value, 'order_sn');
      return externalOrderId === '' ? null : { kind: 'order', externalOrderId };
    }
    case 'video':
      return isRecord(value) && textField(value, 'vid') !== '' ? { kind: 'native', type: 'video', value } : null;
    default:
      return null;
  }
}

export function messageObject(context: Context, thread: Thread, message: Message): Record<string, unknown> {
  const { shop, buyer } = thread;
  const isInbound = message.direction === 'inbound';
  const seller = sellerUserId(context, shop);
  const { type, value } = shopeeContent(shop, message.content);
  return {
    message_id: message.id,
    message_type: type,
    from_id: isInbound ? Number(buyer.externalId) : seller,
    from_shop_id: isInbound ? 0 : Number(shop.externalAccountId),
    to_id: isInbound ? seller : Number(buyer.externalId),
    to_shop_id: isInbound ? Number(shop.externalAccountId) : 0,
    conversation_id: thread.id,
    created_timestamp: seconds(message.at),
    region: shop.region,
    status: 'normal',
    source: message.via === 'api' ? 'openapi' : isInbound ? 'android' : 'pc',
    content: value,
    message_option: 0,
    source_content: message.content.kind === 'order' ? { order_sn: message.content.externalOrderId } : {},
    quoted_msg: { message_id: '' },
    sub_account_id: message.via === 'console' ? 1 : 0,
    business_type: 0,
    is_in_chatbot_session: false,
  };
}

export function conversationObject(context: Context, thread: Thread): Record<string, unknown> {
  const latest = thread.messages.at(-1);
  const lastAnswer = thread.messages.findLastIndex((message) => message.direction === 'outbound');
  const common = {
    conversation_id: thread.id,
    to_id: Number(thread.buyer.externalId),
    to_name: thread.buyer.name,
    to_avatar: `${context.origin()}/_twin/images/avatar-${thread.buyer.externalId}.svg`,
    shop_id: Number(thread.shop.externalAccountId),
    unread_count: thread.messages.length - 1 - lastAnswer,
    pinned: false,
    last_read_message_id: thread.messages[lastAnswer]?.id ?? '',
    last_message_option: 0,
    max_general_option_hide_time: '0',
  };
  if (latest === undefined) return common;
  const { type, value } = shopeeContent(thread.shop, latest.content);
  return {
    ...common,
    latest_message_id: latest.id,
    latest_message_type: type,
    latest_message_content: value,
    latest_message_from_id:
      latest.direction === 'inbound' ? Number(thread.buyer.externalId) : sellerUserId(context, thread.shop),
    last_message_timestamp: nanoseconds(latest),
  };
}
