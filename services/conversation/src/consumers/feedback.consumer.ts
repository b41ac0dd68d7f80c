import type { ConsumerSpec } from '@crossdesk/service-kit';
import { routeFeedback } from '../case/route-feedback.ts';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import type { DB } from '../db.ts';

/** Opens cases about what buyers think; a consumer of its own, so that no reply waits for them. */
export function feedbackConsumer(deps: CommandDeps): ConsumerSpec<DB> {
  return {
    name: 'conversation.feedback',
    on: {
      'crm.feedback-received': (trx, events) => routeFeedback(deps, trx, events),
      'crm.feedback-escalated': (trx, events) => routeFeedback(deps, trx, events),
    },
  };
}
