import type { ConsumerSpec } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { saveCases } from '../timeline/customer-case.store.ts';

/** Remembers the after-sales cases of customers, for their timeline. */
export function casesConsumer(): ConsumerSpec<DB> {
  return {
    name: 'crm.cases',
    on: {
      'conversation.case-opened': (trx, events) =>
        saveCases(
          trx,
          events.map(({ event }) => event),
        ),
      'conversation.case-state-changed': (trx, events) =>
        saveCases(
          trx,
          events.map(({ event }) => event),
        ),
    },
  };
}
