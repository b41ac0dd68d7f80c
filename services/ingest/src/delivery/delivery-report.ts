import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import type { Origin } from '@crossdesk/service-kit';
import type { ReportedOutcome } from './delivery.domain.ts';

/** The outcome of a reply, the origin of the report, and when it happened. */
export interface DeliveryReport extends ReportedOutcome {
  readonly origin: Origin;
  readonly occurredAt?: Date;
}

/** The reply that a report is about. */
export interface DeliveryKey {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
}
