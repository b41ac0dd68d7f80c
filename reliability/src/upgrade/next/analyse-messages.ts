import { callHandlers } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import * as original from '../../../../services/automation/src/consumers/on-message-received.ts';
import { wordCountOf } from '../measured.ts';

export * from '../../../../services/automation/src/consumers/on-message-received.ts';

/** Stores the number of words with the language, in a new column. */
export const onMessageReceived: typeof original.onMessageReceived = (deps) => {
  const consumer = original.onMessageReceived(deps);
  return {
    ...consumer,
    on: {
      'ingest.message-received': async (trx, events) => {
        await callHandlers(consumer, trx, events);
        for (const { event } of events)
          await sql`
            update message_analysis set word_count = ${wordCountOf(event.data)}
            where tenant_id = ${event.tenantId} and message_id = ${event.data.messageId}`.execute(trx);
      },
    },
  };
};
