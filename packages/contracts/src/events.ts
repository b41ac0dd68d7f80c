import type { Static } from '@sinclair/typebox';
import type { Envelope } from './envelope.ts';
import * as automation from './events/automation.ts';
import * as conversation from './events/conversation.ts';
import * as crm from './events/crm.ts';
import * as ingest from './events/ingest.ts';

/** All event types. */
export const eventDefinitions = [
  ingest.messageReceived,
  ingest.buyerIdentified,
  ingest.orderUpdated,
  ingest.deliveryUpdated,
  ingest.accountChanged,
  ingest.buyerErased,
  ingest.ingestErased,
  conversation.messageAdded,
  conversation.replyRequested,
  conversation.deliveryChanged,
  conversation.conversationChanged,
  conversation.noteAdded,
  conversation.agentChanged,
  conversation.buyerErased,
  conversation.conversationErased,
  crm.conversationLinked,
  crm.customerErasureRequested,
  automation.messageAnalysed,
] as const;

type Definition = (typeof eventDefinitions)[number];
export type EventType = Definition['type'];
export type EventData<T extends EventType> = Static<Extract<Definition, { type: T }>['data']>;
export type EventOf<T extends EventType> = { [K in T]: Envelope<K, EventData<K>> }[T];
export type AnyEvent = EventOf<EventType>;
