import type { Context } from '../platform.port.ts';
import { encodeJson } from '../json.ts';
import type { Message, Order, Shop, Thread } from '../model.ts';
import { seconds } from '../model.ts';
import { postJson, type PushDraft, refuseAllButEmpty } from '../pusher.ts';
import { messageObject, sellerUserId } from './shopee.chat.ts';
import { appOf } from './shopee.entry.ts';
import { shopeeStatus } from './shopee.orders.ts';
import { signPush } from './shopee.sign.ts';

const chatTimeoutMs = 2_000;
const otherTimeoutMs = 3_000;

function draft(context: Context, shop: Shop, code: number, data: unknown, msgId = ''): PushDraft {
  const timestamp = seconds(context.clock());
  const body = encodeJson({ msg_id: msgId, code, shop_id: Number(shop.externalAccountId), timestamp, data });
  const { partnerKey } = appOf(context.seed, shop);
  return {
    request: postJson(body, (url) => ({ authorization: signPush(partnerKey, url, body) })),
    timeoutMs: code === 10 ? chatTimeoutMs : otherTimeoutMs,
    refuse: refuseAllButEmpty,
  };
}

export function shopeeMessagePush(context: Context, thread: Thread, message: Message): PushDraft {
  const { shop, buyer } = thread;
  const isInbound = message.direction === 'inbound';
  const { source: _, message_option: __, ...object } = messageObject(context, thread, message);
  return draft(context, shop, 10, {
    type: 'message',
    region: shop.region,
    content: {
      ...object,
      shop_id: Number(shop.externalAccountId),
      request_id: message.id,
      from_user_name: isInbound ? buyer.name : shop.name,
      to_user_name: isInbound ? shop.name : buyer.name,
      sub_account_name: message.via === 'console' ? 'console' : '',
    },
  });
}

/** The buyer opened the chat after our message. */
export function shopeeReadPushes(context: Context, thread: Thread, message: Message): PushDraft[] {
  const push = draft(context, thread.shop, 10, {
    type: 'notification',
    region: thread.shop.region,
    content: {
      user_id: sellerUserId(context, thread.shop),
      conversation_id: thread.id,
      type: 'mark_as_read',
      content: { conversation_id: thread.id },
      timestamp: seconds(context.clock()),
      msg_id: message.id,
      biz_id: 0,
      from_id: Number(thread.buyer.externalId),
    },
  });
  return [push];
}

export function shopeeOrderPushes(context: Context, order: Order): PushDraft[] {
  const { shop } = order;
  const msgId = `${order.id}-${context.world.nextSequence()}`;
  const update_time = seconds(order.updatedAt);
  const status = {
    ordersn: order.id,
    status: shopeeStatus[order.status].order,
    completed_scenario: order.status === 'completed' ? 'NORMAL' : '',
    update_time,
    items: [],
  };
  const pushes = [draft(context, shop, 3, status, `${msgId}-3`)];
  if (order.trackingNumber !== null) {
    const tracking = {
      ordersn: order.id,
      package_number: order.packageNumber,
      tracking_no: order.trackingNumber,
      forder_id: order.packageNumber,
    };
    pushes.push(draft(context, shop, 4, tracking, `${msgId}-4`));
  }
  return pushes;
}
