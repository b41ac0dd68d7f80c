import type { CaseId } from '@crossdesk/contracts';
import type { Origin } from '@crossdesk/service-kit';
import { type Conversation, touched } from '../conversation/conversation.domain.ts';
import { caseLinkChanged } from '../conversation/conversation.events.ts';
import { aggregateOf } from '../conversation/conversation.store.ts';
import type { ConversationChange } from '../conversation/save-changes.ts';

/** A case is about a locked conversation, or no longer: its timeline and its live events tell it. */
export function linkStep(before: Conversation, caseId: CaseId, isLinked: boolean, origin: Origin): ConversationChange {
  const after = touched(before);
  const told = { aggregate: aggregateOf(after), conversation: after, origin };
  return { before, after, events: [caseLinkChanged(told, caseId, isLinked)] };
}
