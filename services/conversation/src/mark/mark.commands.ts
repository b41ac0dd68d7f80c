import { agentOf, changed, type CommandCall, type Outcome, unchanged } from '@crossdesk/service-kit';
import { type ChangeInput, type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, seenBy } from '../conversation/conversation.domain.ts';
import { marksChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import type { MarkKind, MarkVerdict } from '../conversation/marks.domain.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { judgeMark as decide } from './mark.domain.ts';

/** Confirms or dismisses a mark of automation, in the name of a person. */
export async function judgeMark(
  { outbox, clock }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  {
    conversationId,
    expectedVersion,
    ...wish
  }: ChangeInput & { readonly kind: MarkKind; readonly verdict: MarkVerdict | null },
): Promise<Outcome<Conversation, 'NOT_FOUND' | 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION' | 'FORBIDDEN'>> {
  const before = await lockConversation(trx, { tenantId: actor.tenantId, id: conversationId });
  if (before === null) return noConversation;
  const decision = decide(before, wish, { by: agentOf(actor), expectedVersion, now: clock.now() });
  if (!decision.ok) return decision;
  if (decision.value === before) return unchanged(before);
  const after = seenBy(agentOf(actor), decision.value);
  const events = [marksChanged({ aggregate: aggregateOf(after), conversation: after, origin }, before)];
  await saveChanges({ outbox, clock }, trx, [{ before, after, events }]);
  return changed(after, after.id);
}
