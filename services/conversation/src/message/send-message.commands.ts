import { capabilitiesOf } from '@crossdesk/channels';
import { type ConversationId, type MessageContent, type MessageId, newId, parseId, textOf } from '@crossdesk/contracts';
import { causedByRequest, type RequestContext, type SignedIn, signedIn } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { claimClientRequest, findClientRequest } from '../client-request.store.ts';
import { type CommandDeps, noConversation } from '../conversation/conversation.commands.ts';
import { addMessage, type Conversation, refuseVersion, touched } from '../conversation/conversation.domain.ts';
import { messageAdded, replyRequested } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation, saveConversations } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { refuseClientMutationId } from '../input.domain.ts';
import { accept, type Outcome, refuse, type Refused } from '../refusal.domain.ts';
import { takeSend } from './daily-send.store.ts';
import { type Message, refuseSending, type ReplyInput, replyContent, timeOfReply } from './message.domain.ts';
import { insertMessages, lastPositionAt, messagesByIds } from './message.store.ts';

export interface SendMessageInput extends ReplyInput {
  readonly clientMutationId: string;
  readonly conversationId: string;
  readonly expectedVersion?: number | null | undefined;
}

/**
 * Records a reply as queued and asks for its delivery, once per clientMutationId: the unique key of the client id decides,
 * also between two requests that arrive together. What the channel would not take is refused before. Ingest delivers the
 * reply and reports what became of it.
 */
export async function sendMessage(
  deps: CommandDeps,
  request: RequestContext,
  input: SendMessageInput,
): Promise<Outcome<Message>> {
  const sender = signedIn(request);
  const { tenantId } = sender;
  const malformed = refuseClientMutationId(input.clientMutationId);
  if (malformed !== null) return malformed;
  const id = parseId<ConversationId>(input.conversationId);
  const clientRequest = { tenantId, kind: 'message', clientMutationId: input.clientMutationId } as const;
  const mutation = deps.audit.mutation<DB, Outcome<Message>>(request, 'sendMessage', async (trx, done) => {
    const locked = id === null ? null : await lockConversation(trx, { tenantId, id });
    const earlier = await earlierMessage(trx, sender, await findClientRequest(trx, clientRequest));
    if (earlier !== null) return accept(earlier);
    if (locked === null) return noConversation;
    const content = replyContent(input);
    if (!content.ok) return content;
    const now = deps.clock.now();
    const refusal =
      refuseVersion(locked, input.expectedVersion) ??
      refuseSending(locked, content.value, now) ??
      (await refuseQuota(trx, locked, now));
    if (refusal !== null) return refusal;
    const message = await queuedMessage(trx, locked, sender, content.value, now);
    const first = await earlierMessage(trx, sender, await claimClientRequest(trx, clientRequest, message.id, now));
    if (first !== null) return accept(first);
    await record(deps, trx, request, locked, message);
    done(message.id);
    return accept(message);
  });
  const outcome = await deps.db.forTenant(tenantId, mutation);
  deps.outbox.nudge();
  return outcome;
}

async function earlierMessage(
  trx: Transaction<DB>,
  { tenantId }: SignedIn,
  text: string | null,
): Promise<Message | null> {
  const id = text === null ? null : parseId<MessageId>(text);
  return id === null ? null : ((await messagesByIds(trx, tenantId, [id])).get(id) ?? null);
}

/** Counts the reply against the day of its account, for platforms that take only so many. */
async function refuseQuota(trx: Transaction<DB>, conversation: Conversation, now: Date): Promise<Refused | null> {
  const { sendsPerDayMax } = capabilitiesOf(conversation.channel);
  if (sendsPerDayMax === null || (await takeSend(trx, conversation, now, sendsPerDayMax))) return null;
  const message = `The platform takes ${sendsPerDayMax} replies of this account a day: go on tomorrow, at 00:00 UTC.`;
  return refuse('QUOTA_EXCEEDED', 'conversationId', message);
}

async function queuedMessage(
  trx: Transaction<DB>,
  conversation: Conversation,
  { tenantId, agentId }: SignedIn,
  content: MessageContent,
  now: Date,
): Promise<Message> {
  const occurredAt = timeOfReply(conversation, now);
  return {
    tenantId,
    id: newId<MessageId>(),
    conversationId: conversation.id,
    direction: 'outbound',
    author: 'agent',
    agentId,
    content,
    externalId: null,
    replyToExternalId: null,
    // Behind all that is known of its instant; what the platform counts later comes after it.
    position: await lastPositionAt(trx, tenantId, conversation.id, occurredAt),
    delivery: { status: 'queued', failure: null, detail: null, updatedAt: now },
    occurredAt,
    receivedAt: now,
    recordedAt: now,
  };
}

async function record(
  deps: CommandDeps,
  trx: Transaction<DB>,
  request: RequestContext,
  locked: Conversation,
  message: Message,
): Promise<void> {
  const origin = causedByRequest(request);
  const added = addMessage(locked, { ...message, text: textOf(message.content) });
  // Each event has a version of its own, so that consumers can tell their order.
  const requested = touched(added);
  await insertMessages(trx, [message]);
  await saveConversations(trx, [requested]);
  await deps.outbox.append(trx, [
    messageAdded({ aggregate: aggregateOf(added), conversation: added, origin }, message),
    replyRequested({ aggregate: aggregateOf(requested), conversation: requested, origin }, message, message.content),
  ]);
}
