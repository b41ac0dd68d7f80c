/** Below this it is only likely which order a conversation is about; see the reasons of crm's links. */
export const sureConfidence = 0.9;

/** The order if it is sure: one that is only likely the right one says nothing. */
export function ifSure<Order extends { readonly confidence: number }>(order: Order | null): Order | null {
  return order !== null && order.confidence >= sureConfidence ? order : null;
}
