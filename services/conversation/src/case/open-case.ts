import { type AgentId, type CaseId, type FeedbackId, newId, type OrderId } from '@crossdesk/contracts';
import type { Origin } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { dueAtOpening } from './case-due.ts';
import { insertEntry } from './case-entry.store.ts';
import { insertLink } from './case-link.store.ts';
import type { Owned } from './case-owner.ts';
import type { Case } from './case.domain.ts';
import { caseOpened } from './case.events.ts';
import { caseAggregate, insertCase, nextCaseNumber } from './case.store.ts';
import { linkStep } from './link-conversation.ts';
import { factsOf } from './record-case.ts';

export interface CaseWish extends Pick<Case, 'type' | 'title' | 'priority'> {
  readonly owner: Owned;
  /** Null: not a person. */
  readonly openedBy: AgentId | null;
}

/** A case about a locked conversation. It has an owner and a due time from the first moment. */
export async function newCase(
  { clock }: Pick<CommandDeps, 'clock'>,
  trx: Transaction<DB>,
  { tenantId, accountId, ...conversation }: Conversation,
  { owner, type, title, priority, openedBy }: CaseWish,
): Promise<Case> {
  const now = clock.now();
  const due = await dueAtOpening(trx, { ...conversation, tenantId, accountId }, priority, now);
  return {
    ...{ tenantId, id: newId<CaseId>(), number: await nextCaseNumber(trx, tenantId) },
    ...{ accountId, type, title, state: 'open', priority, ...owner },
    ...{ cycle: 1, startedAt: now, due, told: 'nothing' },
    ...{ openedBy, openedAt: now, resolvedAt: null, closedAt: null, version: 1, revision: 1 },
  };
}

export interface Opening {
  /** Why, and what is known so far; null for none. */
  readonly note: string | null;
  readonly orderId: OrderId | null;
  /** What a buyer said that it is opened for. */
  readonly feedbackId?: FeedbackId;
}

/** Saves a new case with its first entries, its links and its event. */
export async function recordOpening(
  deps: CommandDeps,
  { trx, origin }: { readonly trx: Transaction<DB>; readonly origin: Origin },
  conversation: Conversation,
  made: Case,
  { note, orderId, feedbackId }: Opening,
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
  const about = { conversationId: conversation.id, orderId, ...(feedbackId && { feedbackId }) };
  await deps.outbox.append(trx, [caseOpened(caseAggregate(made), made, about, origin)]);
}
