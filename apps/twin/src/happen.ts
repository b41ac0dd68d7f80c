import type { Context, EchoMode, MessagePushes } from './platform.port.ts';
import type { Content, ExecutedChange, Message, Order, Shop, Thread } from './model.ts';
import type { PushDraft } from './pusher.ts';

/** The API waits this long for the acknowledgement of an echo that must come first, then answers anyway. */
const echoFirstMs = 2_000;

/** Executes a send of the API. Pushes the echo and receipts according to the settings of the platform. */
export async function executeSend(
  context: Context,
  thread: Thread,
  content: Content,
  key: string | null,
): Promise<{ message: Message; afterwards: () => void }> {
  const message = context.world.execute(thread, content, key);
  const mode = echoModeOf(context, thread.shop);
  const echo = () => pushMessage(context, thread, message);
  if (mode === 'before-answer') await Promise.race([echo(), context.pusher.pause(echoFirstMs)]);
  return {
    message,
    afterwards: () => {
      if (mode === 'after-answer') void echo();
      pushReceipts(context, thread, message);
    },
  };
}

/** Resolves when the push was acknowledged; at once when there is no address to push to. */
export async function pushMessage(context: Context, thread: Thread, message: Message): Promise<void> {
  const draft = pushesOf(context, thread.shop)?.message(context, thread, message);
  if (draft !== undefined) await context.pusher.push({ ...draft, shop: thread.shop, lane: laneOf(thread) });
}

export function pushReceipts(context: Context, thread: Thread, message: Message): void {
  const receipts = pushesOf(context, thread.shop)?.receipts ?? null;
  if (receipts === null || !(context.receipts.get(thread.shop.platform) ?? receipts.areOnAtStart)) return;
  pushInBackground(context, thread.shop, laneOf(thread), receipts.pushes(context, thread, message));
}

/** @throws Error when the platform has no such change, or does not tell it */
export function pushChange(context: Context, thread: Thread, message: Message, executed: ExecutedChange): void {
  const { platform } = thread.shop;
  const push = context.platforms[platform].messages?.pushes?.change ?? null;
  if (push === null) throw new Error(`${platform} does not push changes of messages`);
  if (thread.shop.webhookUrl === null) return;
  pushInBackground(context, thread.shop, laneOf(thread), [push(context, thread, message, executed)]);
}

export function pushOrder(context: Context, order: Order): void {
  if (order.shop.webhookUrl === null) return;
  const drafts = context.platforms[order.shop.platform].orders?.pushes?.(context, order) ?? [];
  pushInBackground(context, order.shop, laneOf(order, 'order/'), drafts);
}

/** Checks the address once and keeps it whatever the answer: a test may set an address before its server listens. */
export function shakeHands(context: Context, shop: Shop): void {
  const { handshake } = context.platforms[shop.platform];
  if (handshake === null || shop.webhookUrl === null) return;
  context.pusher.once({ ...handshake(context, shop), shop });
}

export function laneOf(subject: Thread | Order, kind = ''): string {
  return `${subject.shop.platform}/${subject.shop.externalAccountId}/${kind}${subject.id}`;
}

function pushInBackground(context: Context, shop: Shop, lane: string, drafts: readonly PushDraft[]): void {
  for (const draft of drafts) void context.pusher.push({ ...draft, shop, lane });
}

/** How messages of the shop are pushed; null if the platform does not push them or the shop has no address. */
function pushesOf(context: Context, shop: Shop): MessagePushes | null {
  return shop.webhookUrl === null ? null : (context.platforms[shop.platform].messages?.pushes ?? null);
}

function echoModeOf(context: Context, shop: Shop): EchoMode {
  return context.echoes.get(shop.platform) ?? pushesOf(context, shop)?.echoes ?? 'off';
}
