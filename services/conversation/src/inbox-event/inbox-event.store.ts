import { type AnyEvent, type ConversationId, type EventId, type MessageId, type TenantId } from '@crossdesk/contracts';
import { readEvents } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** An event of the service's history as the inbox shows it. */
export interface InboxEvent {
  readonly id: EventId;
  readonly kind:
    | 'MESSAGE_ADDED'
    | 'MESSAGE_CHANGED'
    | 'DELIVERY_CHANGED'
    | 'MEDIA_CHANGED'
    | 'NOTE_ADDED'
    | 'REGROUPED'
    | (typeof kindOfTelling)[keyof typeof kindOfTelling]
    | (typeof kindOfChange)[keyof typeof kindOfChange];
  readonly occurredAt: Date;
  readonly conversationId: ConversationId;
  readonly messageId: MessageId | null;
}

/** Reads events from the history; unknown events and those that do not belong to the inbox are left out. */
export async function inboxEventsByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly EventId[],
): Promise<Map<string, InboxEvent>> {
  const events = (await readEvents(trx, tenantId, ids)).map(inboxEventOf).filter((event) => event !== null);
  return new Map(events.map((event) => [event.id, event]));
}

const kindOfChange = {
  state: 'STATE_CHANGED',
  priority: 'PRIORITY_CHANGED',
  assignee: 'ASSIGNEE_CHANGED',
  read: 'READ',
  joined: 'JOINED',
  escalated: 'ESCALATED',
  tags: 'TAGS_CHANGED',
  closed: 'CLOSED',
  snoozed: 'SNOOZED',
  reopened: 'REOPENED',
  classified: 'CLASSIFIED',
  team: 'TEAM_CHANGED',
  'buyer-named': 'BUYER_NAMED',
  'customer-marked': 'CUSTOMER_MARKED',
  'case-linked': 'CASE_LINKED',
  'case-unlinked': 'CASE_UNLINKED',
} as const;

const kindOfTelling = {
  'conversation.sla-warned': 'SLA_WARNED',
  'conversation.sla-breached': 'SLA_BREACHED',
  'conversation.sla-met': 'SLA_MET',
  'conversation.marks-changed': 'MARKS_CHANGED',
  'conversation.attribute-changed': 'ATTRIBUTE_CHANGED',
} as const;

function inboxEventOf(event: AnyEvent): InboxEvent | null {
  const common = { id: event.id, occurredAt: new Date(event.occurredAt) };
  switch (event.type) {
    case 'conversation.message-added':
      return {
        ...common,
        kind: 'MESSAGE_ADDED',
        conversationId: event.data.conversation.conversationId,
        messageId: event.data.messageId,
      };
    case 'conversation.message-changed':
      return {
        ...common,
        kind: 'MESSAGE_CHANGED',
        conversationId: event.data.conversation.conversationId,
        messageId: event.data.messageId,
      };
    case 'conversation.delivery-changed':
      return {
        ...common,
        kind: 'DELIVERY_CHANGED',
        conversationId: event.data.conversation.conversationId,
        messageId: event.data.messageId,
      };
    case 'conversation.media-changed':
      return {
        ...common,
        kind: 'MEDIA_CHANGED',
        conversationId: event.data.conversation.conversationId,
        messageId: event.data.messageId,
      };
    case 'conversation.changed':
      return {
        ...common,
        kind: kindOfChange[event.data.change],
        conversationId: event.data.conversation.conversationId,
        messageId: null,
      };
    case 'conversation.regrouped':
      return { ...common, kind: 'REGROUPED', conversationId: event.data.conversation.conversationId, messageId: null };
    case 'conversation.note-added':
      return { ...common, kind: 'NOTE_ADDED', conversationId: event.data.conversation.conversationId, messageId: null };
    case 'conversation.sla-warned':
    case 'conversation.sla-breached':
    case 'conversation.sla-met':
    case 'conversation.marks-changed':
    case 'conversation.attribute-changed':
      return {
        ...common,
        kind: kindOfTelling[event.type],
        conversationId: event.data.conversation.conversationId,
        messageId: null,
      };
    default:
      return null;
  }
}
