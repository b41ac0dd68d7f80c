import type { EventData } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import type { ConversationFacts } from './conversation-facts.store.ts';

/** A conversation as other subgraphs refer to it. */
export interface ConversationReference {
  readonly id: string;
}

/** The events that tell what a conversation is like. */
export type Told = Delivered<'conversation.message-added' | 'conversation.changed' | 'conversation.regrouped'>;

/** The newest facts of each conversation of a batch, with the buyer's last message in it. */
export function latestFacts(told: readonly Told[]): ConversationFacts[] {
  const latest = new Map<string, ConversationFacts>();
  for (const { event } of told) {
    const key = `${event.tenantId} ${event.aggregateId}`;
    const before = latest.get(key);
    const inbound = event.type === 'conversation.message-added' && event.data.author === 'buyer' ? event : null;
    if (before !== undefined && before.version > event.aggregateVersion) continue;
    latest.set(key, {
      ...factsIn(event.data.conversation),
      tenant_id: event.tenantId,
      last_inbound_at: inbound === null ? (before?.last_inbound_at ?? null) : new Date(inbound.occurredAt),
      last_inbound_id: inbound === null ? (before?.last_inbound_id ?? null) : inbound.data.messageId,
      inbound_version: inbound === null ? (before?.inbound_version ?? 0) : inbound.aggregateVersion,
      person_version: isOfPerson(event) ? event.aggregateVersion : (before?.person_version ?? 0),
      cycle_version: 0,
      version: event.aggregateVersion,
    });
  }
  return [...latest.values()];
}

/** A person speaks, in the product or in the seller's own app, or is to take care of the conversation. */
function isOfPerson(event: Told['event']): boolean {
  if (event.type === 'conversation.message-added')
    return event.data.author === 'agent' || event.data.author === 'seller';
  if (event.type === 'conversation.regrouped') return false;
  const { change, conversation } = event.data;
  return (change === 'assignee' || change === 'escalated') && conversation.assigneeId !== null;
}

function factsIn(conversation: EventData<'conversation.changed'>['conversation']) {
  return {
    conversation_id: conversation.conversationId,
    account_id: conversation.accountId,
    channel: conversation.channel,
    state: conversation.state,
    priority: conversation.priority,
    assignee_id: conversation.assigneeId,
    waiting_since: conversation.waitingSince === null ? null : new Date(conversation.waitingSince),
    last_message_at: new Date(conversation.lastMessageAt),
  };
}
