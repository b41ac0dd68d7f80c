import type { NormalisedMessage } from '@crossdesk/channels/adapters';
import type { MessageId } from '@crossdesk/contracts';
import { type AnyEventDraft, causedOutside } from '@crossdesk/service-kit';
import { findOpenReplies } from '../delivery/delivery.store.ts';
import { place as placeReply, settle } from '../delivery/settle.ts';
import type { IngestDeps } from '../deps.ts';
import type { Trx } from '../db.ts';
import { fileOf } from '../media/media.domain.ts';
import { insertMedia, type MediaToInsert } from '../media/media.store.ts';
import type { AccountName } from '../fact.ts';
import { hintUnknownOrders, type OrderHint } from '../order/order.store.ts';
import { decideEcho, type EchoDecision, type OpenReply } from '../thread/echo.domain.ts';
import { fingerprintOf } from '../thread/fingerprint.ts';
import { publicBuyer } from './public-buyer.ts';
import { holdMessage } from '../thread/held-message.store.ts';
import { findKnown, insertMessages, noteEchoes } from '../thread/message-id.store.ts';
import { tellReleased } from './tell-released.ts';
import {
  type IncomingMessage,
  locateMessages,
  type LocatedMessage,
  messageName,
  nameOf,
  subjectsIn,
} from './locate-messages.ts';
import type { RawSubject } from '../raw/raw.store.ts';

/** A message with its id and kind, within one recording. */
interface DecidedMessage extends LocatedMessage {
  readonly messageId: MessageId;
  readonly decision: EchoDecision | { readonly kind: 'inbound' };
}

type RecordDeps = Pick<IngestDeps, 'runtime' | 'adapters' | 'nudgeMedia'>;

/**
 * Records messages in the given order and appends their events. Known messages are skipped. Echoes of our own replies
 * settle their delivery and do not become messages. Returns the conversations that the kept bytes are about.
 */
export async function recordMessages(
  deps: RecordDeps,
  trx: Trx,
  incoming: readonly IncomingMessage[],
): Promise<RawSubject[]> {
  if (incoming.length === 0) return [];
  const located = await locateMessages(deps, trx, incoming);
  const unique = [...new Map(located.map((item) => [nameOf(item), item])).values()];
  const decided = await decideMessages(deps, trx, unique);
  for (const item of decided) if (item.decision.kind === 'hold') await hold(trx, item);
  const kept = decided.filter((item) => item.decision.kind !== 'hold');
  const fresh = await insertMessages(trx, kept.map(toInsert));
  const news = kept.filter((item) => fresh.has(item.messageId));
  for (const item of news)
    if (item.decision.kind === 'settles') await settleByEcho(deps, trx, item, item.decision.reply);
  const added = news.filter(({ decision }) => decision.kind === 'inbound' || decision.kind === 'elsewhere');
  await insertMedia(
    deps.nudgeMedia,
    trx,
    added.flatMap((item) => toMedia(deps, item)),
  );
  await deps.runtime.outbox.append(trx, added.map(toEvent));
  await hintUnknownOrders(
    trx,
    added.flatMap(({ account, message }) => namedOrders(deps, account, message)),
  );
  const awaited = news.filter((item) => fresh.get(item.messageId)?.isAwaited === true);
  await tellReleased(deps, trx, awaited.map(toKnown));
  return subjectsIn(located);
}

/** The orders that a message names, if the channel can be asked for orders. */
function namedOrders({ adapters }: RecordDeps, account: AccountName, message: NormalisedMessage): OrderHint[] {
  if (adapters[account.channel].orders === null) return [];
  const { tenantId, id: accountId } = account;
  return message.externalOrderIds.map((externalOrderId) => ({ tenantId, accountId, externalOrderId }));
}

/** Classifies each message that is not known yet. */
async function decideMessages(
  deps: RecordDeps,
  trx: Trx,
  located: readonly LocatedMessage[],
): Promise<DecidedMessage[]> {
  const outgoing = located.filter(({ message }) => message.direction === 'outbound');
  // Read after locking: a process that recorded one of them has committed by then.
  const known = await findKnown(trx, outgoing.map(messageName));
  const isKnown = (item: LocatedMessage): boolean => known.has(nameOf(item));
  await placeReplies(deps, trx, outgoing.filter(isKnown));
  // A known message must not count as the echo of a later reply with the same text.
  const unknown = located.filter((item) => !isKnown(item));
  const replies = await openRepliesOf(
    trx,
    outgoing.filter((item) => !isKnown(item)),
  );
  return unknown.map((item) => decide(item, replies));
}

function decide(item: LocatedMessage, replies: OpenReply[]): DecidedMessage {
  const { thread, message } = item;
  if (message.direction === 'inbound')
    return { ...item, messageId: thread.nextMessageId(), decision: { kind: 'inbound' } };
  const { externalMessageId, occurredAt, content } = message;
  const fingerprint = fingerprintOf(content);
  const { conversationId } = thread;
  const decision = decideEcho({ conversationId, externalMessageId, fingerprint, occurredAt }, replies);
  if (decision.kind !== 'echo' && decision.kind !== 'settles')
    return { ...item, messageId: thread.nextMessageId(), decision };
  // A reply is settled by one message only: another message with the same text was written elsewhere.
  if (decision.kind === 'settles') replies.splice(replies.indexOf(decision.reply), 1);
  return { ...item, messageId: decision.reply.messageId, decision };
}

async function openRepliesOf(trx: Trx, outgoing: readonly LocatedMessage[]): Promise<OpenReply[]> {
  if (outgoing.length === 0) return [];
  return findOpenReplies(trx, outgoing.map(messageName));
}

/** Our own replies as the platform shows them: already known by id, now also with their place in the thread. */
async function placeReplies(deps: RecordDeps, trx: Trx, known: readonly LocatedMessage[]): Promise<void> {
  if (known.length === 0) return;
  const replies = await noteEchoes(
    trx,
    known.map((item) => ({ ...messageName(item), raw: item.message.raw })),
  );
  for (const item of known) {
    const messageId = replies.get(nameOf(item));
    if (messageId === undefined) continue;
    const { occurredAt, sequence } = item.message;
    await placeReply(deps, trx, item.thread, messageId, {
      origin: causedOutside({ kind: 'system', id: null }, item.traceparent),
      position: { occurredAt, sequence },
    });
  }
}

async function settleByEcho(deps: RecordDeps, trx: Trx, item: DecidedMessage, reply: OpenReply): Promise<void> {
  const { externalMessageId, occurredAt, sequence } = item.message;
  await settle(deps, trx, item.thread, reply.messageId, {
    status: 'sent',
    externalMessageId,
    occurredAt,
    position: { occurredAt, sequence },
    origin: causedOutside({ kind: 'system', id: null }, item.traceparent),
  });
}

async function hold(trx: Trx, item: DecidedMessage): Promise<void> {
  await holdMessage(trx, messageName(item), item);
}

function toInsert(item: DecidedMessage) {
  const { messageId, message, thread } = item;
  const { raw, wholeText = null } = message;
  return { ...messageName(item), messageId, conversationId: thread.conversationId, raw, wholeText };
}

/** The file of the message, to be fetched. Nothing from before the erasure of the buyer is fetched. */
function toMedia(
  { adapters }: RecordDeps,
  { account, message, messageId, thread, rawId }: DecidedMessage,
): MediaToInsert[] {
  const { media } = adapters[account.channel];
  const file = thread.isErased ? null : fileOf(message.content, media !== null);
  if (file === null) return [];
  const source = media?.from === 'delivery' && rawId !== null ? { ...file.source, rawId } : file.source;
  const { tenantId, id: accountId } = account;
  return [{ ...file, source, tenantId, messageId, accountId, conversationId: thread.conversationId }];
}

function toKnown({ thread, message, messageId }: DecidedMessage) {
  const { tenantId, conversationId } = thread;
  return { tenantId, conversationId, externalMessageId: message.externalMessageId, messageId };
}

function toEvent({
  account,
  message,
  claimedAt,
  messageId,
  thread,
  receivedAt,
  traceparent,
}: DecidedMessage): AnyEventDraft {
  const actor = { kind: message.author === 'buyer' ? 'customer' : 'system', id: null } as const;
  return {
    aggregate: thread.nextAggregate(),
    type: 'ingest.message-received',
    origin: causedOutside(actor, traceparent),
    occurredAt: message.occurredAt,
    receivedAt,
    data: {
      conversationId: thread.conversationId,
      messageId,
      accountId: account.id,
      channel: account.channel,
      externalThreadId: message.externalThreadId,
      externalMessageId: message.externalMessageId,
      direction: message.direction,
      author: message.author,
      buyer: publicBuyer(thread.buyer, account),
      content: message.content,
      sequence: message.sequence,
      replyToExternalId: message.replyToExternalId,
      externalOrderIds: [...message.externalOrderIds],
      ...(claimedAt === null ? {} : { claimedAt: claimedAt.toISOString() }),
      ...(message.context === undefined ? {} : { context: message.context }),
    },
  };
}
