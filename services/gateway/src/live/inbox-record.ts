import { type ConversationId, decodeEvent, type EventId, type TenantId, UnknownEvent } from '@crossdesk/contracts';
import type { IncomingRecord, Logger } from '@crossdesk/service-kit';

export const inboxEventKinds = [
  'MESSAGE_ADDED',
  'DELIVERY_CHANGED',
  'STATE_CHANGED',
  'ASSIGNEE_CHANGED',
  'READ',
  'NOTE_ADDED',
] as const;
export type InboxEventKind = (typeof inboxEventKinds)[number];

export interface InboxEvent {
  readonly id: EventId;
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly kind: InboxEventKind;
}

/** A record of the conversation topic; `event` is null for what no inbox shows. */
export interface InboxRecord {
  readonly partition: number;
  readonly position: bigint;
  readonly event: InboxEvent | null;
}

const kindOfChange = { state: 'STATE_CHANGED', assignee: 'ASSIGNEE_CHANGED', read: 'READ' } as const;

export function readInboxRecord(
  { partition, position, value }: IncomingRecord,
  log: Pick<Logger, 'warn'>,
): InboxRecord {
  try {
    return { partition, position, event: inboxEventOf(decodeEvent(value)) };
  } catch (err) {
    // What a newer service tells beside all the rest is on no inbox of this version, and there is one for every message.
    // The owner of a broken event parks it and is alerted; a live stream goes on behind it.
    if (!(err instanceof UnknownEvent))
      log.warn({ err, partition, position: position.toString() }, 'live stream skips a record it cannot read');
    return { partition, position, event: null };
  }
}

function inboxEventOf(event: ReturnType<typeof decodeEvent>): InboxEvent | null {
  const { id, tenantId } = event;
  switch (event.type) {
    case 'conversation.message-added':
      return { id, tenantId, conversationId: event.data.conversation.conversationId, kind: 'MESSAGE_ADDED' };
    case 'conversation.delivery-changed':
      return { id, tenantId, conversationId: event.data.conversation.conversationId, kind: 'DELIVERY_CHANGED' };
    case 'conversation.changed':
      return {
        id,
        tenantId,
        conversationId: event.data.conversation.conversationId,
        kind: kindOfChange[event.data.change],
      };
    case 'conversation.note-added':
      return { id, tenantId, conversationId: event.data.conversation.conversationId, kind: 'NOTE_ADDED' };
    default:
      return null;
  }
}
