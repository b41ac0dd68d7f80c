import { type ConversationId, type MessageId, newId, lineOf } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  type CommandCall,
  makeOnce,
  type Outcome,
  type Principal,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { noteOf, refuseStopped } from '../lint/lint-stop.domain.ts';
import { recordOverride } from '../lint/override-lint.ts';
import { stopsOf } from '../lint/check-text.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { addMessage, type Conversation, refuseVersion, touched } from '../conversation/conversation.domain.ts';
import { messageAdded, replyRequested } from './message.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { deleteAnswered } from '../draft/draft.store.ts';
import { raiseReadMark } from '../conversation/read-mark.store.ts';
import {
  type Message,
  type MessageAuthor,
  refuseSending,
  type ReplyInput,
  replyContent,
  timeOfReply,
  unchanged,
} from './message.domain.ts';
import { refuseOvertaken } from './reply-guard.ts';
import type { BlockedCode, ReplyBasis } from './reply-guard.domain.ts';
import { insertMessages, lastPositionAt, messagesByIds } from './message.store.ts';

export interface SendMessageInput extends ReplyInput, ReplyBasis {
  /** The id that automation gave the message already; without it, it gets one here. */
  readonly messageId?: MessageId;
  readonly clientMutationId: string;
  readonly conversationId: ConversationId;
  /** Null for a caller who decides by the present state of the conversation. */
  readonly expectedVersion: number | null;
  /** Why a supervisor sends it although the check stops it. */
  readonly overrideLint?: string | null | undefined;
  /** Whether its delivery waits for those of replies that people write one by one. */
  readonly isBulk?: boolean;
}

/** Why a reply is not sent. */
export type SendRefusal =
  | BlockedCode
  | 'CLIENT_ID_REUSED'
  | 'FORBIDDEN'
  | 'INVALID_INPUT'
  | 'KIND_NOT_SUPPORTED'
  | 'LINT_STOPPED'
  | 'NOT_FOUND'
  | 'TEXT_TOO_LONG'
  | 'VERSION_CONFLICT'
  | 'WINDOW_CLOSED';

/**
 * Records a reply as queued and requests its delivery, once per clientMutationId. A reply that the channel would not
 * accept is refused, as is a text that must not be sent (ADR 0072). Ingest delivers the reply and reports the outcome.
 */
export async function sendMessage(
  deps: CommandDeps & Pick<ServiceRuntime<DB>, 'commands'>,
  call: CommandCall<DB>,
  input: SendMessageInput,
): Promise<Outcome<Message, SendRefusal>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const locked = await lockConversation(trx, { tenantId, id: input.conversationId });
  return makeOnce<DB, Message, SendRefusal>(
    call,
    { kind: 'message', clientMutationId: input.clientMutationId, content: contentOf(input) },
    {
      find: async (id) => (await messagesByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        if (locked === null) return noConversation;
        const content = replyContent(input);
        if (!content.ok) return content;
        const now = deps.clock.now();
        const refusal = refuseVersion(locked, input.expectedVersion) ?? refuseSending(locked, content.value, now);
        if (refusal !== null) return refusal;
        const overtaken = await refuseOvertaken(call, locked, input);
        if (overtaken !== null) return overtaken;
        const { value: said } = content;
        const stops = said.kind === 'text' ? await stopsOf(trx, tenantId, locked, said.text, now) : [];
        const stopped = refuseStopped(stops, actor, input.overrideLint ?? null);
        if (stopped !== null) return stopped;
        const message = await queuedMessage(
          trx,
          locked,
          actor,
          { id: input.messageId ?? newId(), content: said, clientMutationId: input.clientMutationId },
          now,
        );
        const record = async () => {
          await recordReply(deps, call, locked, { message, isBulk: input.isBulk === true });
          if (stops.length > 0) await recordOverride(deps, call, message, noteOf(stops, input.overrideLint ?? ''));
        };
        return accept({ made: message, record });
      },
    },
  );
}

/** What makes two requests the same one; what their author knew may differ. */
function contentOf(input: SendMessageInput): (string | null)[] {
  const { conversationId, text, imageUrl, externalOrderId, externalProductId } = input;
  return [conversationId, text ?? null, imageUrl ?? null, externalOrderId ?? null, externalProductId ?? null];
}

async function queuedMessage(
  trx: Transaction<DB>,
  conversation: Conversation,
  actor: Principal,
  wanted: Pick<Message, 'id' | 'content' | 'clientMutationId'>,
  now: Date,
): Promise<Message> {
  const { tenantId } = actor;
  const occurredAt = timeOfReply(conversation, now);
  return {
    tenantId,
    conversationId: conversation.id,
    direction: 'outbound',
    author: authorOf(actor),
    agentId: agentOf(actor),
    ...wanted,
    ...unchanged,
    externalId: null,
    replyToExternalId: null,
    // After all known messages of its instant; messages with a later sequence of the platform come after it.
    position: await lastPositionAt(trx, tenantId, conversation.id, occurredAt),
    delivery: { status: 'queued', failure: null, detail: null, updatedAt: now },
    occurredAt,
    claimedAt: null,
    receivedAt: now,
    recordedAt: now,
  };
}

/**
 * The author of a message that Crossdesk sends: only a message of a person or their program counts as an answer to the
 * buyer.
 */
function authorOf({ kind }: Principal): MessageAuthor {
  switch (kind) {
    case 'agent':
    case 'api-token':
      return 'agent';
    case 'automation':
      return 'bot';
    case 'system':
      return 'system';
  }
}

async function recordReply(
  { outbox, clock }: CommandDeps,
  { trx, origin }: CommandCall<DB>,
  locked: Conversation,
  { message, isBulk }: { readonly message: Message; readonly isBulk: boolean },
): Promise<void> {
  const { tenantId, conversationId, agentId } = message;
  const added = addMessage(locked, { ...message, text: lineOf(message.content) });
  // Each event has a version of its own, so that consumers can tell their order.
  const requested = touched(added);
  await insertMessages(trx, [message]);
  if (agentId !== null) {
    await deleteAnswered(trx, { tenantId, conversationId, agentId });
    // Whoever answers has read what they answer.
    await raiseReadMark(trx, { tenantId, conversationId, agentId, seq: locked.inboundSeq });
  }
  const told = messageAdded({ aggregate: aggregateOf(added), conversation: added, origin }, message);
  const context = { aggregate: aggregateOf(requested), conversation: requested, origin };
  await saveChanges({ outbox, clock }, trx, [
    { before: locked, after: added, events: [told] },
    { before: added, after: requested, events: [replyRequested(context, message, isBulk)] },
  ]);
}
