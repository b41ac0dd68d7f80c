import type { Clock, ConsumerSpec, Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { saveTopics } from '../analysis/topic.store.ts';
import { pauseFailing } from '../campaign/pause-failing.ts';
import { noteBounces } from '../contact/note-contact.ts';
import type { DB } from '../db.ts';
import { noteFailed, settle, type Settled } from '../outreach/outreach.store.ts';

/**
 * Follows what became of messages that were decided here, whom messages do not reach, and what conversations are about: all
 * that the conversation service tells.
 */
export function outreachConsumer({ clock }: { readonly clock: Clock }): ConsumerSpec<DB> {
  return {
    name: 'crm.outreach',
    on: {
      'conversation.decision-settled': async (trx, events) => {
        await settle(trx, events.map(settledIn), clock.now());
      },
      'conversation.changed': (trx, events) => saveTopics(trx, events),
      'ingest.delivery-updated': async (trx, events) => {
        await noteBounces(trx, events);
        await pauseFailing({ clock }, trx, await noteFailures(trx, events));
      },
    },
  };
}

function settledIn({ event: { tenantId, data } }: Delivered<'conversation.decision-settled'>): Settled {
  const { decisionId: id, outcome, code } = data;
  return outcome === 'refused'
    ? { tenantId, id, state: 'refused', reason: code ?? 'REFUSED' }
    : { tenantId, id, state: 'sent', reason: null };
}

async function noteFailures(trx: Transaction<DB>, events: readonly Delivered<'ingest.delivery-updated'>[]) {
  const failed = events.flatMap(({ event: { tenantId, data } }) =>
    data.status === 'failed' ? [{ tenantId, messageId: data.messageId, failure: data.failure ?? 'UNKNOWN' }] : [],
  );
  return failed.length === 0 ? [] : noteFailed(trx, failed);
}
