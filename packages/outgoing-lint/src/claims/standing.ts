import type { KnownOrder } from './claim-hits.ts';

const notShipped = new Set(['pending_payment', 'on_hold', 'to_ship', 'ready']);

/** What a message may say of an order, by the state that its platform tells. Null: everything. */
export function standingOf(state: string): KnownOrder['standing'] {
  if (notShipped.has(state)) return 'not-shipped';
  return state === 'cancelled' ? 'cancelled' : null;
}
