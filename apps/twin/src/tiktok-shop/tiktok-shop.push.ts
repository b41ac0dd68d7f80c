import type { Context } from '../platform.port.ts';
import { encodeJson } from '../json.ts';
import type { Message, Order, Shop, Thread } from '../model.ts';
import { seconds } from '../model.ts';
import { postJson, type PushDraft, refuseAllButEmpty } from '../pusher.ts';
import { senderOf, tiktokContent } from './tiktok-shop.chat.ts';
import { appOf } from './tiktok-shop.entry.ts';
import { packageId, pushedStatus } from './tiktok-shop.orders.ts';
import { signPush } from './tiktok-shop.sign.ts';

const timeoutMs = 3_000;
export const idOffset = 5_300_000_000_000_000_000n;

function draft(context: Context, shop: Shop, type: number, data: unknown): PushDraft {
  const { appKey, appSecret } = appOf(context.seed, shop);
  const body = encodeJson({
    type,
    tts_notification_id: String(context.world.nextSequence() + idOffset),
    shop_id: shop.externalAccountId,
    timestamp: seconds(context.clock()),
    data,
  });
  return {
    request: postJson(body, () => ({ authorization: signPush(appKey, appSecret, body) })),
    timeoutMs,
    refuse: refuseAllButEmpty,
  };
}

/** Sent for messages of every role, including our own sends; without names and avatars. */
export function tiktokMessagePush(context: Context, thread: Thread, message: Message): PushDraft {
  return draft(context, thread.shop, 14, {
    ...tiktokContent(context, message.content),
    conversation_id: thread.id,
    create_time: seconds(message.at),
    is_visible: true,
    message_id: message.id,
    index: String(message.sequence),
    sender: senderOf(context, thread, message),
  });
}

export function tiktokOrderPushes(context: Context, order: Order): PushDraft[] {
  const update_time = seconds(order.updatedAt);
  const pushes = [
    draft(context, order.shop, 1, {
      order_id: order.id,
      order_status: pushedStatus(order),
      is_on_hold_order: false,
      update_time,
    }),
  ];
  if (order.trackingNumber !== null) {
    pushes.push(
      draft(context, order.shop, 4, {
        sc_type: 'COMBINE',
        role_type: 'SELLER',
        package_list: [{ package_id: packageId(context, order), order_id_list: [order.id] }],
        update_time,
      }),
    );
  }
  return pushes;
}
