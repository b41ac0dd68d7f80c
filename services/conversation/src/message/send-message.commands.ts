import { type ConversationId, lineOf, type MessageContent, type MessageId, newId } from '@crossdesk/contracts';
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
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { deleteAnswered } from '../draft/draft.store.ts';
import { raiseReadMark } from '../conversation/read-mark.store.ts';
import {
  type Message,
  type MessageAuthor,
  refuseSending,
  type ReplyInput,
  replyContents,
  timeOfReply,
  unchanged,
} from './message.domain.ts';
import { refuseOvertaken } from './reply-guard.ts';
import { type AnsweredThread, noThread, threadToAnswer } from './reply-thread.store.ts';
import type { BlockedCode, ReplyBasis } from './reply-guard.domain.ts';
import { partId } from './part-id.ts';
import { insertMessages, lastPositionAt, messagesByIds } from './message.store.ts';

export interface SendMessageInput extends ReplyInput, ReplyBasis {
  /** The id that automation gave the message already; without it, it gets one here. */
  readonly messageId?: MessageId;
  readonly clientMutationId: string;
  readonly conversationId: ConversationId;
  /** The thread on which it goes out; without it, that of the buyer's last message. */
  readonly threadId?: ConversationId | null;
  /** Null for a caller who decides by the present state of the conversation. */
  readonly expectedVersion: number | null;
  /** Why a supervisor sends it although the check stops it. */
  readonly overrideLint?: string | null | undefined;
  /** Whether its delivery waits for those of replies that people write one by one. */
  readonly isBulk?: boolean;
  /** The bot answers the buyer's turn with it, apart from people. */
  readonly isBotAnswer?: boolean;
}

/** Why a reply is not sent. */
export type SendRefusal =
  | BlockedCode
  | 'CLIENT_ID_REUSED'
  | 'FILE_TOO_LARGE'
  | 'FORBIDDEN'
  | 'INVALID_INPUT'
  | 'KIND_NOT_SUPPORTED'
  | 'LINT_STOPPED'
  | 'NOT_FOUND'
  | 'TEXT_TOO_LONG'
  | 'VERSION_CONFLICT'
  | 'WINDOW_CLOSED';

/**
 * Records a reply as queued and requests its delivery, once per clientMutationId; of several messages, for several files, it
 * returns the first. A reply that the channel would not
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
        const thread = await threadToAnswer(trx, locked, input.threadId ?? null);
        if (thread === null) return noThread;
        const contents = replyContents(thread.channel, input);
        if (!contents.ok) return contents;
        const now = deps.clock.now();
        const refusal = refuseVersion(locked, input.expectedVersion) ?? refuseAny(thread, contents.value, now);
        if (refusal !== null) return refusal;
        const overtaken = await refuseOvertaken(call, locked, input);
        if (overtaken !== null) return overtaken;
        const said = input.text ?? null;
        const stops =
          said === null ? [] : await stopsOf(trx, tenantId, { ...locked, channel: thread.channel }, said, now);
        const stopped = refuseStopped(stops, actor, input.overrideLint ?? null);
        if (stopped !== null) return stopped;
        const { clientMutationId } = input;
        const [content, ...others] = contents.value;
        const wanted = { id: input.messageId ?? newId<MessageId>(), content, clientMutationId };
        const message = await queuedMessage(trx, { locked, thread }, actor, wanted, now);
        const rest = others.map((other, n) => ({ ...message, id: partId(message.id, n + 1), content: other }));
        const record = async () => {
          const messages = [message, ...rest] as const;
          await recordReply(deps, call, locked, {
            ...{ messages, thread, isBulk: input.isBulk === true, isBotAnswer: input.isBotAnswer === true },
          });
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
  const names = input.attachments?.map(({ name }) => name) ?? [];
  const cards = [imageUrl ?? null, externalOrderId ?? null, externalProductId ?? null];
  return [conversationId, text ?? null, ...cards, input.threadId ?? null, ...names];
}

function refuseAny(thread: AnsweredThread, contents: readonly MessageContent[], now: Date) {
  for (const content of contents) {
    const refusal = refuseSending(thread, content, now);
    if (refusal !== null) return refusal;
  }
  return null;
}

async function queuedMessage(
  trx: Transaction<DB>,
  { locked, thread }: { readonly locked: Conversation; readonly thread: AnsweredThread },
  actor: Principal,
  wanted: Pick<Message, 'id' | 'content' | 'clientMutationId'>,
  now: Date,
): Promise<Message> {
  const { tenantId } = actor;
  const occurredAt = timeOfReply(thread, now);
  return {
    tenantId,
    conversationId: locked.id,
    segmentId: thread.segmentId,
    regroupingId: locked.regroupingId,
    direction: 'outbound',
    author: authorOf(actor),
    agentId: agentOf(actor),
    ...wanted,
    ...unchanged,
    externalId: null,
    replyToExternalId: null,
    // After all known messages of its instant; messages with a later sequence of the platform come after it.
    position: await lastPositionAt(trx, tenantId, locked.id, occurredAt),
    delivery: { status: 'queued', failure: null, detail: null, updatedAt: now },
    occurredAt,
    claimedAt: null,
    receivedAt: now,
    recordedAt: now,
  };
}

/**
 * The author of a message that Crossdesk sends: only a message of a person or their program meets a service level. What the
 * bot answers settles the turn of the buyer, and no more.
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

interface RequestedReply {
  readonly messages: readonly [Message, ...Message[]];
  readonly thread: AnsweredThread;
  readonly isBulk: boolean;
  readonly isBotAnswer: boolean;
}

async function recordReply(
  { outbox, clock }: CommandDeps,
  { trx, origin }: CommandCall<DB>,
  locked: Conversation,
  { messages, thread, isBulk, isBotAnswer }: RequestedReply,
): Promise<void> {
  const changes: ConversationChange[] = [];
  let before = locked;
  for (const message of messages) {
    const added = addMessage(before, { ...message, text: lineOf(message.content), isBotAnswer });
    // Each event has a version of its own, so that consumers can tell their order.
    const requested = touched(added);
    const told = messageAdded({ aggregate: aggregateOf(added), conversation: added, origin }, message);
    const context = { aggregate: aggregateOf(requested), conversation: requested, origin };
    changes.push(
      { before, after: added, events: [told] },
      { before: added, after: requested, events: [replyRequested(context, message, { thread, isBulk })] },
    );
    before = requested;
  }
  await insertMessages(trx, messages);
  await noteAnswered(trx, locked, messages[0]);
  await saveChanges({ outbox, clock }, trx, changes);
}

/** Whoever answers has read what they answer, and needs no draft of it. */
async function noteAnswered(
  trx: Transaction<DB>,
  { inboundSeq: seq }: Conversation,
  { tenantId, conversationId, agentId }: Message,
): Promise<void> {
  if (agentId === null) return;
  await deleteAnswered(trx, { tenantId, conversationId, agentId });
  await raiseReadMark(trx, { tenantId, conversationId, agentId, seq });
}
