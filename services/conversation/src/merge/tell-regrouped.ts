import type { EventData } from '@crossdesk/contracts';
import { agentOf, type CommandCall } from '@crossdesk/service-kit';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import { type Conversation, seenBy } from '../conversation/conversation.domain.ts';
import { aggregateOf } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { regrouped } from './merge.events.ts';
import type { Regrouping } from './regrouping.domain.ts';

export interface RegroupedStep {
  readonly before: Conversation;
  readonly after: Conversation;
}

/** Saves the conversations of a regrouping with all that follows, and tells each of them. */
export async function saveRegrouped(
  { outbox, clock }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  regrouping: Pick<Regrouping, 'id' | 'conversationId' | 'otherIds'>,
  operation: EventData<'conversation.regrouped'>['operation'],
  steps: readonly RegroupedStep[],
): Promise<void> {
  const changes = steps.map(({ before, after }) => {
    const conversation = seenBy(agentOf(actor), after);
    const told = { aggregate: aggregateOf(conversation), conversation, origin };
    return { before, after: conversation, events: [regrouped(told, regrouping, operation, before.state)] };
  });
  await saveChanges({ outbox, clock }, trx, changes);
}
