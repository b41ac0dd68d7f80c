import type { ConsumerSpec, ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { takeHandOvers } from './on-handed-over.ts';
import { takeOutreach } from './on-outreach.ts';
import { takeActions, takeReplies } from './on-decided.ts';

/**
 * Carries out what automation and crm decide. A decision follows from something that this service has told or shown, so its
 * conversation is known here.
 */
export function decisionsConsumer(
  runtime: Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'commands'>,
): ConsumerSpec<DB> {
  return {
    name: 'conversation.decisions',
    on: {
      'automation.reply-decided': (trx, events) => takeReplies(runtime, trx, events),
      'automation.action-decided': (trx, events) => takeActions(runtime, trx, events),
      'crm.message-decided': (trx, events) => takeOutreach(runtime, trx, events),
      'automation.handover-decided': (trx, events) => takeHandOvers(runtime, trx, events),
    },
  };
}
