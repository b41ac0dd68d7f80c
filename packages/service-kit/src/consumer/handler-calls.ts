import type { EventType } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { ConsumerSpec, Delivered, Handle } from './consumer.port.ts';

interface Call<Tables> {
  readonly handle: Handle<Tables, EventType>;
  readonly events: Delivered[];
}

/**
 * Passes a batch to the handlers of its types, in as few calls as the order of each key allows.
 *
 * Guaranteed: the events of one key are handled in the order they have in the batch, whatever their types, and no event
 * is handled before a call that holds an earlier event of its key has returned. So an erasure applies to every event of
 * its key before it and to none after it. Not guaranteed: an order between keys. The log does not guarantee one either.
 */
export async function callHandlers<Tables>(
  spec: ConsumerSpec<Tables>,
  trx: Transaction<Tables>,
  events: readonly Delivered[],
): Promise<void> {
  for (const { handle, events: own } of callsFor(spec, events)) await handle(trx, own);
}

/**
 * Each event joins the first call of its handler that is not before the last call with an event of its key. Usually
 * there is one call for each handler; a key whose types alternate causes more calls, which other keys share.
 */
function callsFor<Tables>({ on }: ConsumerSpec<Tables>, events: readonly Delivered[]): Call<Tables>[] {
  const calls: Call<Tables>[] = [];
  const lastCallOf = new Map<string, number>();
  for (const one of events) {
    const { type, aggregateId: key } = one.event;
    // Handler and event match: the map is keyed by the type of the event.
    const handle = on[type] as Handle<Tables, EventType> | undefined;
    if (handle === undefined) continue;
    const from = lastCallOf.get(key) ?? 0;
    const found = calls.findIndex((call, index) => index >= from && call.handle === handle);
    const index = found === -1 ? calls.push({ handle, events: [] }) - 1 : found;
    calls[index]?.events.push(one);
    lastCallOf.set(key, index);
  }
  return calls;
}
