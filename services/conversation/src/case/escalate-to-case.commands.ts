import type { ConversationId, OrderId } from '@crossdesk/contracts';
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
import { lockConversation } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { isOrderKnown } from './case-link.store.ts';
import { decideOwner, type WishedOwner } from './case-owner.ts';
import { type Case, caseNoteCharactersMax, type CaseType, titleCharactersMax } from './case.domain.ts';
import { casesByIds } from './case.store.ts';
import { newCase, recordOpening } from './open-case.ts';

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
        const wish = { type, title: title.trim(), priority, owner: owner.value, openedBy: agentOf(actor) };
        const made = await newCase(deps, trx, locked, wish);
        return accept({ made, record: () => recordOpening(deps, call, locked, made, input) });
      },
    },
  );
}

export const noOrder = refuse(
  'NOT_FOUND',
  'orderId',
  'There is no order with this id: take one from orders. A new one is known within a second.',
);
