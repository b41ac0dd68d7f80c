import type { ConsumerSpec, ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { takeAnalyses, takeTriages } from './on-understood.ts';

/** Remembers what automation finds out about a conversation as far as its place in the work depends on it. */
export function understandingConsumer(runtime: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>): ConsumerSpec<DB> {
  return {
    name: 'conversation.understanding',
    on: {
      'automation.message-analysed': (trx, events) => takeAnalyses(runtime, trx, events),
      'automation.conversation-triaged': (trx, events) => takeTriages(runtime, trx, events),
    },
  };
}
