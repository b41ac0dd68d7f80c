import { type CaseId, type ConversationId, newId, type OrderId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  type CommandCall,
  liftLimits,
  makeOnce,
  type Outcome,
  refuse,
  refuseText,
} from '@crossdesk/service-kit';
import type { Priority } from '../clock/policy.domain.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { dueAtOpening } from './case-due.ts';
import { insertEntry } from './case-entry.store.ts';
import { insertLink, isOrderKnown } from './case-link.store.ts';
import { decideOwner, type WishedOwner } from './case-owner.ts';
import { type Case, caseNoteCharactersMax, type CaseType, titleCharactersMax } from './case.domain.ts';
import { caseOpened } from './case.events.ts';
import { caseAggregate, casesByIds, insertCase, nextCaseNumber } from './case.store.ts';
import { linkStep } from './link-conversation.ts';
import { factsOf } from './record-case.ts';

export interface EscalateInput extends WishedOwner {
  readonly clientMutationId: string;
  readonly conversationId: ConversationId;
  readonly type: CaseType;
  readonly title: string;
  readonly priority: Priority;
  /** Why, and what is known so far; null for none. */
  readonly note: string | null;
  readonly orderId: OrderId | null;
}

type Refusal = 'CLIENT_ID_REUSED' | 'INVALID_INPUT' | 'NOT_FOUND';

/** Opens a case about a conversation. It has an owner and a due time from the first moment. */
export async function escalateToCase(
  deps: CommandDeps,
  call: CommandCall<DB>,
  input: EscalateInput,
): Promise<Outcome<Case, Refusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const { clientMutationId, conversationId, type, title, priority, note, orderId, ownerId, teamId } = input;
  const locked = await lockConversation(trx, { tenantId, id: conversationId });
  return makeOnce<DB, Case, Refusal>(
    call,
    {
      kind: 'case',
      clientMutationId,
      content: [conversationId, type, title, priority, note, orderId, ownerId, teamId],
    },
    {
      find: async (id) => (await casesByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        if (locked === null) return noConversation;
        const malformed =
          refuseText('title', title, titleCharactersMax) ??
          (note === null ? null : refuseText('note', note, caseNoteCharactersMax));
        if (malformed !== null) return malformed;
        if (orderId !== null && !(await isOrderKnown(trx, tenantId, orderId))) return noOrder;
        // Who of a team has how much does not depend on what the caller sees.
        await liftLimits(trx);
        const owner = await decideOwner(trx, locked, { ownerId, teamId });
        if (!owner.ok) return owner;
        const now = deps.clock.now();
        const made: Case = {
          ...{ tenantId, id: newId<CaseId>(), number: await nextCaseNumber(trx, tenantId) },
          ...{ accountId: locked.accountId, type, title: title.trim(), state: 'open', priority, ...owner.value },
          ...{ cycle: 1, startedAt: now, due: await dueAtOpening(trx, locked, priority, now), told: 'nothing' },
          ...{ openedBy: agentOf(actor), openedAt: now, resolvedAt: null, closedAt: null, version: 1, revision: 1 },
        };
        return accept({ made, record: () => recordOpening(deps, call, locked, made, input) });
      },
    },
  );
}

async function recordOpening(
  deps: CommandDeps,
  { trx, origin }: CommandCall<DB>,
  conversation: Conversation,
  made: Case,
  { note, orderId }: EscalateInput,
): Promise<void> {
  const at = made.openedAt;
  await insertCase(trx, made);
  await insertLink(trx, made, { conversationId: conversation.id }, at);
  if (orderId !== null) await insertLink(trx, made, { orderId }, at);
  const after = {
    type: made.type,
    ...factsOf(made),
    conversation: conversation.id,
    ...(orderId && { order: orderId }),
  };
  const common = { actor: origin.actor, before: {}, at };
  await insertEntry(trx, made, { ...common, id: newId(), kind: 'opened', after, text: null });
  if (note !== null) await insertEntry(trx, made, { ...common, id: newId(), kind: 'note', after: {}, text: note });
  await saveChanges(deps, trx, [linkStep(conversation, made.id, true, origin)]);
  await deps.outbox.append(trx, [
    caseOpened(caseAggregate(made), made, { conversationId: conversation.id, orderId }, origin),
  ]);
}

export const noOrder = refuse(
  'NOT_FOUND',
  'orderId',
  'There is no order with this id: take one from orders. A new one is known within a second.',
);
