import { type ConversationId, type EventData, type MessageId, textOf } from '@crossdesk/contracts';
import type { AnyEventDraft, EventDraft } from '@crossdesk/service-kit';

/** Types of events that only the next version knows, by the service that publishes them. */
export const newTypes = { ingest: 'ingest.message-measured', conversation: 'conversation.message-measured' } as const;

/** How long a message is. */
export interface Measured {
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
  readonly wordCount: number;
}

type Received = EventData<'ingest.message-received'>;

export function countWords({ content }: Pick<Received, 'content'>): number {
  return (textOf(content) ?? '').split(/\s+/).filter((word) => word !== '').length;
}

/** From the event, or counted here if the version before has published it. */
export function wordCountOf(received: Received): number {
  const told: unknown = Reflect.get(received, 'wordCount');
  return typeof told === 'number' ? told : countWords(received);
}

/** A draft of a type that the contracts of this version do not have: those of the next version check it. */
export function measuredDraft(
  type: (typeof newTypes)[keyof typeof newTypes],
  data: Measured,
  { aggregate, origin }: Pick<EventDraft, 'aggregate' | 'origin'>,
): AnyEventDraft {
  const draft: unknown = { aggregate, type, origin, data };
  return draft as AnyEventDraft;
}
