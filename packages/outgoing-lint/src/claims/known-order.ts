import { findSpans } from '../text/spans.ts';
import type { KnownOrder } from './claim-hits.ts';

const notShipped = new Set(['pending_payment', 'on_hold', 'to_ship', 'ready']);

/** An order as a message may speak of it, by the state that its platform tells. */
export function knownOrder({ state, ...told }: Omit<KnownOrder, 'standing'> & { readonly state: string }): KnownOrder {
  return { ...told, standing: standingOf(state) };
}

function standingOf(state: string): KnownOrder['standing'] {
  if (notShipped.has(state)) return 'not-shipped';
  return state === 'cancelled' ? 'cancelled' : null;
}

/** What may be numbers of orders in a text: the caller knows whose they are. */
export function orderNumbersIn(text: string): string[] {
  return findSpans(text)
    .filter(({ kind }) => kind === 'id')
    .map(({ text: number }) => number);
}
