import type { ConsumerSpec, ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { eraseBuyers } from './on-buyer-erased.ts';
import { takeBuyerNames } from './on-buyer-identified.ts';
import { takeDeliveries } from './on-delivery-updated.ts';
import { tellMedia } from './on-media-changed.ts';
import { takeChanges } from './on-message-changed.ts';
import { takeJoins } from './on-threads-joined.ts';
import { takeMessages } from './on-message-received.ts';

/** Fills the inbox with everything that platforms report about conversations. */
export function inboxConsumer(runtime: Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'log'>): ConsumerSpec<DB> {
  return {
    name: 'conversation.inbox',
    on: {
      'ingest.message-received': (trx, events) => takeMessages(runtime, trx, events),
      'ingest.message-changed': (trx, events) => takeChanges(runtime, trx, events),
      'ingest.buyer-identified': (trx, events) => takeBuyerNames(runtime, trx, events),
      'ingest.threads-joined': (trx, events) => takeJoins(runtime, trx, events),
      'ingest.delivery-updated': (trx, events) => takeDeliveries(runtime, trx, events),
      'ingest.media-changed': (trx, events) => tellMedia(runtime, trx, events),
      'ingest.buyer-erased': (trx, events) => eraseBuyers(runtime, trx, events),
    },
  };
}
