import type { ConsumerSpec, Delivered, ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { takeBuyerNames } from './on-buyer-identified.ts';
import { takeDeliveries } from './on-delivery-updated.ts';
import { takeMessages } from './on-message-received.ts';

type Consumed = 'ingest.message-received' | 'ingest.buyer-identified' | 'ingest.delivery-updated';

/** Everything that platforms tell about conversations. A buyer is identified after his first message, so names come second. */
export function inboxConsumer(
  runtime: Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'log'>,
): ConsumerSpec<DB, Consumed> {
  return {
    name: 'conversation.inbox',
    topics: ['ingest.inbound', 'ingest.delivery'],
    types: ['ingest.message-received', 'ingest.buyer-identified', 'ingest.delivery-updated'],
    handle: async (trx, events) => {
      await takeMessages(runtime, trx, events.filter(isOf('ingest.message-received')));
      await takeBuyerNames(runtime.log, trx, events.filter(isOf('ingest.buyer-identified')));
      await takeDeliveries(runtime, trx, events.filter(isOf('ingest.delivery-updated')));
    },
  };
}

function isOf<T extends Consumed>(type: T) {
  return (delivered: Delivered<Consumed>): delivered is Delivered<T> & Delivered<Consumed> =>
    delivered.event.type === type;
}
