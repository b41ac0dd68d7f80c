import type { ConsumerSpec } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { ReceiveDeps } from '../feedback/receive.ts';
import { takeCases, takeLinks, takeReported } from '../feedback/take-events.ts';

/** Takes what buyers say on platforms, and follows what is done about it; a consumer of its own, so that no link waits. */
export function feedbackConsumer(deps: ReceiveDeps): ConsumerSpec<DB> {
  return {
    name: 'crm.feedback',
    on: {
      'ingest.feedback-reported': (trx, events) => takeReported(deps, trx, events),
      'crm.conversation-linked': (trx, events) => takeLinks(deps, trx, events),
      'conversation.case-opened': (trx, events) => takeCases(trx, events),
      'conversation.case-state-changed': (trx, events) => takeCases(trx, events),
    },
  };
}
