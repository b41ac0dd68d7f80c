import type { Context, PlatformTwin } from './context.ts';
import type { Content, Message, Order, Thread } from './model.ts';
import type { PushDraft } from './pusher.ts';

/** An echo that has to come first may take this long before the API answers anyway. */
const echoFirstMs = 2_000;

/** Sends through the platform's API: executed, recorded, and told back the way the platform does it. */
export async function executeSend(
  context: Context,
  twin: PlatformTwin,
  thread: Thread,
  content: Content,
  key: string | null,
): Promise<{ message: Message; afterwards: () => void }> {
  const message = context.world.execute(thread, content, key);
  const echo = () => pushMessage(context, twin, thread, message);
  const receipts = () => pushReceipts(context, twin, thread, message);
  const mode = twin.echoesApiSends ? context.echoes[twin.platform] : 'off';
  if (mode === 'before-answer') await Promise.race([echo(), context.pusher.pause(echoFirstMs)]);
  return {
    message,
    afterwards: () => {
      if (mode === 'after-answer') void echo();
      receipts();
    },
  };
}

export function pushMessage(context: Context, twin: PlatformTwin, thread: Thread, message: Message): Promise<void> {
  return pushDraft(context, thread, twin.messagePush(context, thread, message));
}

export async function pushOrder(context: Context, twin: PlatformTwin, order: Order): Promise<void> {
  if (order.shop.webhookUrl === null) return;
  const lane = `${order.shop.platform}/${order.shop.externalAccountId}/order/${order.id}`;
  await Promise.all(
    twin.orderPushes(context, order).map((draft) => context.pusher.push({ ...draft, shop: order.shop, lane })),
  );
}

export function pushReceipts(context: Context, twin: PlatformTwin, thread: Thread, message: Message): void {
  if (!context.receipts[twin.platform]) return;
  for (const draft of twin.receiptPushes(context, thread, message)) void pushDraft(context, thread, draft);
}

async function pushDraft(context: Context, thread: Thread, draft: PushDraft): Promise<void> {
  if (thread.shop.webhookUrl === null) return;
  await context.pusher.push({ ...draft, shop: thread.shop, lane: laneOf(thread) });
}

export function laneOf(thread: Thread): string {
  return `${thread.shop.platform}/${thread.shop.externalAccountId}/${thread.id}`;
}
