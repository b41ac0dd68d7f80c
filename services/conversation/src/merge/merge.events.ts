import type { EventData } from '@crossdesk/contracts';
import type { EventDraft } from '@crossdesk/service-kit';
import type { ConversationState } from '../conversation/conversation.domain.ts';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';
import type { Regrouping } from './regrouping.domain.ts';

/** One event for each conversation of a regrouping. */
export function regrouped(
  { aggregate, conversation, origin }: ChangedConversation,
  { id, conversationId, otherIds }: Pick<Regrouping, 'id' | 'conversationId' | 'otherIds'>,
  operation: EventData<'conversation.regrouped'>['operation'],
  previousState: ConversationState,
): EventDraft<'conversation.regrouped'> {
  const conversationIds = [conversationId, ...otherIds];
  const data = { conversation: snapshotOf(conversation), previousState, regroupingId: id, operation, conversationIds };
  return { aggregate, type: 'conversation.regrouped', origin, data };
}
