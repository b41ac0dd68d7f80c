import {
  type AgentId,
  type CaseId,
  type ChannelAccountId,
  type ConversationId,
  type EventData,
  type EventOf,
  newId,
  type OrderId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent } from '@crossdesk/testkit';

export interface GivenOrder extends Partial<EventData<'ingest.order-updated'>> {
  readonly tenantId: TenantId;
  readonly version?: number;
  readonly trackingNumbers?: readonly string[];
}

/** A snapshot of an order as ingest publishes it; pass only the fields that matter to the test. */
export function givenOrder({
  tenantId,
  version,
  trackingNumbers = [],
  ...given
}: GivenOrder): EventOf<'ingest.order-updated'> {
  const orderId = given.orderId ?? newId<OrderId>();
  const data: EventData<'ingest.order-updated'> = {
    orderId,
    accountId: newId<ChannelAccountId>(),
    channel: 'shopee',
    externalOrderId: '240918ABCX7',
    state: 'to_ship',
    platformState: 'READY_TO_SHIP',
    buyerExternalId: 'buyer-1',
    buyerName: null,
    total: null,
    recipient: null,
    items: [],
    shipments: trackingNumbers.map((trackingNumber, index) => ({
      externalShipmentId: String(index),
      carrier: null,
      trackingNumber,
      state: 'in_transit',
      platformState: null,
      updatedAt: null,
    })),
    placedAt: '2026-01-02T03:04:05.678Z',
    platformUpdatedAt: '2026-01-02T03:04:05.678Z',
    ...given,
  };
  return anEvent('ingest.order-updated', data, { tenantId, aggregateId: orderId, aggregateVersion: version ?? 1 });
}

interface GivenCase extends Partial<EventData<'conversation.case-opened'>['case']> {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly conversationId: ConversationId;
  readonly orderId: OrderId | null;
  readonly occurredAt: Date;
}

/** A case that was opened out of a conversation; pass only the fields that matter to the test. */
export function givenCase({
  tenantId,
  conversationId,
  orderId,
  occurredAt,
  ...given
}: GivenCase): EventOf<'conversation.case-opened'> {
  const caseId = newId<CaseId>();
  const ownerId = newId<AgentId>();
  const data: EventData<'conversation.case-opened'> = {
    case: {
      ...{ caseId, number: 1, type: 'other', state: 'open', priority: 'normal', ownerId, teamId: null, cycle: 1 },
      ...{ dueAt: occurredAt.toISOString(), ...given },
    },
    ...{ ownerId, conversationId, orderId, dueBasis: 'default', policyId: null, policyVersion: null },
  };
  return anEvent('conversation.case-opened', data, { tenantId, aggregateId: caseId, occurredAt });
}

/** The answer of the conversation service to a message that was decided; a code: it was refused. */
export function decisionSettled(
  { tenantId, data }: EventOf<'crm.message-decided'>,
  code: string | null = null,
): EventOf<'conversation.decision-settled'> {
  const { decisionId, conversationId, accountId } = data;
  const times = { waitingSince: null, lastMessageAt: '2026-01-02T03:04:05.678Z', unreadCount: 0 };
  const work = { channel: 'generic', state: 'pending', priority: 'normal', assigneeId: null } as const;
  const conversation = { conversationId, accountId, ...work, ...times };
  const outcome = code === null ? ('carried-out' as const) : ('refused' as const);
  const settled = { conversation, decisionId, outcome, code };
  return anEvent('conversation.decision-settled', settled, { tenantId, aggregateId: conversationId });
}
