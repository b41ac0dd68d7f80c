import { type ConsumerSpec, type Delivered, runsUntil, type ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { eraseBuyers } from './on-buyer-erased.ts';
import { takeBuyerNames } from './on-buyer-identified.ts';
import { takeDeliveries } from './on-delivery-updated.ts';
import { takeMessages } from './on-message-received.ts';

const types = [
  'ingest.message-received',
  'ingest.buyer-identified',
  'ingest.delivery-updated',
  'ingest.buyer-erased',
] as const;
type Consumed = (typeof types)[number];

/** Everything that platforms tell about conversations. A buyer is identified after his first message, so names come second. */
export function inboxConsumer(
  runtime: Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'log'>,
): ConsumerSpec<DB, Consumed> {
  return {
    name: 'conversation.inbox',
    topics: ['ingest.inbound', 'ingest.delivery'],
    types,
    handle: async (trx, events) => {
      for (const run of runsUntil(events, 'ingest.buyer-erased')) {
        await takeMessages(runtime, trx, run.filter(isOf('ingest.message-received')));
        await takeBuyerNames(runtime.log, trx, run.filter(isOf('ingest.buyer-identified')));
        await takeDeliveries(runtime, trx, run.filter(isOf('ingest.delivery-updated')));
        await eraseBuyers(runtime, trx, run.filter(isOf('ingest.buyer-erased')));
      }
    },
  };
}

function isOf<T extends Consumed>(type: T) {
  return (delivered: Delivered<Consumed>): delivered is Delivered<T> & Delivered<Consumed> =>
    delivered.event.type === type;
}
