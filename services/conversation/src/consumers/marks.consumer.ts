import type { ConsumerSpec, ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { takeMarks } from './on-customer-marked.ts';

/**
 * Keeps what crm says of customers beside their conversations; a consumer of its own, so that a run over all customers
 * delays no message and no link.
 */
export function customerMarksConsumer(runtime: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>): ConsumerSpec<DB> {
  return {
    name: 'conversation.customer-marks',
    on: { 'crm.customer-changed': (trx, events) => takeMarks(runtime, trx, events) },
  };
}
