import { type OrderFacts, valuesOf } from '../../order/latest-orders.ts';

/** What a model is told of an order, by name. */
export function factsIn(order: OrderFacts | null): ReadonlyMap<string, string> {
  if (order === null) return new Map();
  const { state, shipment_state: shipmentState } = order;
  const shipment: [string, string][] = shipmentState === null ? [] : [['shipmentState', shipmentState]];
  return new Map([...valuesOf(order), ['orderState', state], ...shipment]);
}
