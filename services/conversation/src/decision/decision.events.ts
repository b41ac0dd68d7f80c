import type { EventData } from '@crossdesk/contracts';
import type { EventDraft } from '@crossdesk/service-kit';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';

export function decisionSettled(
  { aggregate, conversation, origin }: ChangedConversation,
  settled: Pick<EventData<'conversation.decision-settled'>, 'decisionId' | 'outcome' | 'code'>,
): EventDraft<'conversation.decision-settled'> {
  return {
    aggregate,
    type: 'conversation.decision-settled',
    origin,
    data: { conversation: snapshotOf(conversation), ...settled },
  };
}
