import type { AgentId } from '@crossdesk/contracts';
import type { EventDraft } from '@crossdesk/service-kit';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';
import type { MemberRole } from './member.domain.ts';

export function memberChanged(
  { aggregate, conversation, origin }: ChangedConversation,
  agentId: AgentId,
  role: MemberRole | null,
): EventDraft<'conversation.member-changed'> {
  return {
    aggregate,
    type: 'conversation.member-changed',
    origin,
    data: { conversation: snapshotOf(conversation), agentId, role },
  };
}
