import type { EventData } from '@crossdesk/contracts';

/** What buyers can be told of, in the order in which an order gets there. */
export const noticeStages = ['payment-help', 'confirmed', 'shipped', 'delivered'] as const;
export type NoticeStage = (typeof noticeStages)[number];
export type OrderStage = NoticeStage | 'cancelled';

type OrderState = EventData<'ingest.order-updated'>['state'];

const stages: Readonly<Partial<Record<OrderState, OrderStage>>> = {
  pending_payment: 'payment-help',
  to_ship: 'confirmed',
  ready: 'confirmed',
  shipped: 'shipped',
  delivered: 'delivered',
  completed: 'delivered',
  cancelled: 'cancelled',
};

/** The stage that an order is in; null: none that is told (on hold, parts, returns). */
export function stageOf(state: OrderState): OrderStage | null {
  return stages[state] ?? null;
}

/** Whether an order is beyond a stage, so that a notice of it would be old news. */
export function isPassed(stage: string, reached: readonly OrderStage[]): boolean {
  const order: readonly string[] = noticeStages;
  return reached.some((one) => order.indexOf(one) > order.indexOf(stage));
}

const hourMs = 3_600_000;
const freshMs = 24 * hourMs;
const unpaidMs = 2 * hourMs;

/**
 * When a stage is told: at once, help with the payment after two hours. Null: not at all, because the platform's change
 * is older than a day or than the notice (a backfill is silent).
 */
export function noticeDueAt(stage: NoticeStage, reachedAt: Date, onSince: Date, now: Date): Date | null {
  if (reachedAt < onSince || now.getTime() - reachedAt.getTime() >= freshMs) return null;
  return stage === 'payment-help' ? new Date(reachedAt.getTime() + unpaidMs) : now;
}

/** How long after its time a notice is still worth sending. */
export function notAfterOf(dueAt: Date): Date {
  return new Date(dueAt.getTime() + freshMs);
}
