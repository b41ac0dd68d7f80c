import type { Buyer, EventId, MessageId } from '@crossdesk/contracts';
import { type AnyEventDraft, causedOutside } from '@crossdesk/service-kit';
import type { ChannelAccount, NormalisedMessage } from '../channel/channel.port.ts';
import { findOpenReplies } from '../delivery/delivery.store.ts';
import { place as placeReply, settle } from '../delivery/settle.ts';
import type { IngestDeps, Trx } from '../deps.ts';
import { decideEcho, type EchoDecision, type OpenReply } from './echo.domain.ts';
import { fingerprintOf } from './fingerprint.ts';
import { findKnown, holdMessage, insertMessages, nameOfMessage, noteEchoes } from './message.store.ts';
import { type LockedThread, lockThreads, type ReceivingThread, reviveBuyer } from './thread.store.ts';

export interface IncomingMessage {
  readonly account: Pick<ChannelAccount, 'id' | 'tenantId' | 'channel'>;
  readonly message: NormalisedMessage;
  readonly receivedAt: Date;
  /** Of the webhook that brought it; null for what was polled, and while nothing is traced. */
  readonly traceparent: string | null;
}

/** A message with its thread and what it is, within one recording. */
interface Placed extends IncomingMessage {
  readonly thread: ReceivingThread;
  readonly messageId: MessageId;
  readonly decision: EchoDecision | { readonly kind: 'inbound' };
}

type RecordDeps = Pick<IngestDeps, 'runtime' | 'adapters'>;

/**
 * Records messages that came by push, poll or read-back, in the order given, and appends their events. What is known
 * already is passed over; our own sends coming back settle their delivery instead of becoming messages.
 */
export async function recordMessages(
  deps: RecordDeps,
  trx: Trx,
  incoming: readonly IncomingMessage[],
): Promise<EventId[]> {
  const unique = [...new Map(incoming.map((item) => [nameOf(item), item])).values()];
  if (unique.length === 0) return [];
  const placed = await place(deps, trx, unique);
  for (const item of placed) if (item.decision.kind === 'hold') await hold(trx, item);
  const kept = placed.filter((item) => item.decision.kind !== 'hold');
  const fresh = await insertMessages(trx, kept.map(toInsert));
  const news = kept.filter((item) => fresh.has(item.messageId));
  for (const item of news) {
    if (item.decision.kind === 'settles') await settleByEcho(deps, trx, item, item.decision.reply);
  }
  const drafts = news
    .filter(({ decision }) => decision.kind === 'inbound' || decision.kind === 'elsewhere')
    .map(toEvent);
  return deps.runtime.outbox.append(trx, drafts);
}

/** Locks the threads and decides of each message what it is. */
async function place(deps: RecordDeps, trx: Trx, items: readonly IncomingMessage[]): Promise<Placed[]> {
  const threads = await reviveBuyers(trx, await lockThreadsOf(trx, items), items);
  const known = await findKnownOutgoing(trx, items);
  await placeReplies(
    deps,
    trx,
    threads,
    items.filter((item) => known.has(nameOf(item))),
  );
  // A message that is known must not pass for the echo of a later reply with the same words.
  const located = items
    .filter((item) => !known.has(nameOf(item)))
    .map((item) => {
      const thread = threads.get(threadName(item));
      if (thread === undefined) throw new Error('a thread that was just upserted is missing');
      return { ...item, thread };
    });
  const outgoing = located.filter(({ message }) => message.direction === 'outbound');
  const replies =
    outgoing.length === 0
      ? []
      : await findOpenReplies(
          trx,
          outgoing.map(({ account, message, thread }) => ({
            tenantId: account.tenantId,
            accountId: account.id,
            conversationId: thread.conversationId,
            externalMessageId: message.externalMessageId,
          })),
        );
  return located.map((item): Placed => {
    if (item.message.direction === 'inbound')
      return { ...item, messageId: item.thread.nextMessageId(), decision: { kind: 'inbound' } };
    const { externalMessageId, occurredAt, content } = item.message;
    const decision = decideEcho(
      {
        conversationId: item.thread.conversationId,
        externalMessageId,
        fingerprint: fingerprintOf(content),
        occurredAt,
      },
      replies,
    );
    if (decision.kind !== 'echo' && decision.kind !== 'settles')
      return { ...item, messageId: item.thread.nextMessageId(), decision };
    // A reply is settled by one message only: another one with the same words was written by somebody else.
    if (decision.kind === 'settles') replies.splice(replies.indexOf(decision.reply), 1);
    return { ...item, messageId: decision.reply.messageId, decision };
  });
}

function nameOf({ account, message }: IncomingMessage): string {
  return nameOfMessage(account.id, message.externalMessageId);
}

/** After the locks: whoever recorded one of them has committed by then. */
async function findKnownOutgoing(trx: Trx, items: readonly IncomingMessage[]): Promise<Set<string>> {
  const outgoing = items.filter(({ message }) => message.direction === 'outbound');
  if (outgoing.length === 0) return new Set();
  return findKnown(trx, outgoing.map(messageName));
}

function messageName({ account, message }: IncomingMessage) {
  return { tenantId: account.tenantId, accountId: account.id, externalMessageId: message.externalMessageId };
}

/** An erased buyer is known again by the first message of his that is new, not by one that is told again. */
async function reviveBuyers(
  trx: Trx,
  threads: ReadonlyMap<string, ReceivingThread>,
  items: readonly IncomingMessage[],
): Promise<ReadonlyMap<string, ReceivingThread>> {
  const isErased = (item: IncomingMessage): boolean => threads.get(threadName(item))?.isErased === true;
  const doubtful = items.filter((item) => item.message.direction === 'inbound' && isErased(item));
  if (doubtful.length === 0) return threads;
  const known = await findKnown(trx, doubtful.map(messageName));
  const news = Map.groupBy(
    doubtful.filter((item) => !known.has(nameOf(item))),
    threadName,
  );
  const revived = new Map(threads);
  for (const [name, group] of news) {
    const thread = threads.get(name);
    if (thread !== undefined) revived.set(name, await reviveBuyer(trx, thread, mergedBuyer(group)));
  }
  return revived;
}

async function lockThreadsOf(trx: Trx, items: readonly IncomingMessage[]): Promise<Map<string, ReceivingThread>> {
  const groups = new Map<string, IncomingMessage[]>();
  for (const item of items) groups.set(threadName(item), [...(groups.get(threadName(item)) ?? []), item]);
  const threads = await lockThreads(
    trx,
    [...groups.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      return [
        {
          tenantId: first.account.tenantId,
          accountId: first.account.id,
          externalThreadId: first.message.externalThreadId,
          buyer: mergedBuyer(group),
          // A settled delivery and a message each need a version at most; both together never more than this.
          events: group.length * 2,
          asksForBuyer: first.message.buyer.name === null,
        },
      ];
    }),
  );
  return new Map(threads.map((thread) => [`${thread.accountId} ${thread.externalThreadId}`, thread]));
}

/** All that a batch tells of one buyer. */
function mergedBuyer(items: readonly IncomingMessage[]): Buyer {
  const buyers = items.map(({ message }) => message.buyer);
  const latest = <Field extends keyof Buyer>(field: Field): Buyer[Field] | null =>
    buyers.map((buyer) => buyer[field]).findLast((value) => value !== null) ?? null;
  return {
    externalId: buyers[0]?.externalId ?? '',
    commerceId: latest('commerceId'),
    name: latest('name'),
    phone: latest('phone'),
    email: latest('email'),
    avatarUrl: latest('avatarUrl'),
    locale: latest('locale'),
  };
}

function threadName({ account, message }: IncomingMessage): string {
  return `${account.id} ${message.externalThreadId}`;
}

async function hold(trx: Trx, { account, message, thread, receivedAt }: Placed): Promise<void> {
  const at = {
    tenantId: account.tenantId,
    accountId: account.id,
    externalMessageId: message.externalMessageId,
    conversationId: thread.conversationId,
  };
  await holdMessage(trx, at, message, receivedAt);
}

/** Our own replies as the platform shows them: known by id, and now by their place in the thread. */
async function placeReplies(
  deps: RecordDeps,
  trx: Trx,
  threads: ReadonlyMap<string, LockedThread>,
  known: readonly IncomingMessage[],
): Promise<void> {
  if (known.length === 0) return;
  const replies = await noteEchoes(
    trx,
    known.map(({ account, message }) => ({
      tenantId: account.tenantId,
      accountId: account.id,
      externalMessageId: message.externalMessageId,
      raw: message.raw,
    })),
  );
  for (const item of known) {
    const messageId = replies.get(nameOf(item));
    const thread = threads.get(threadName(item));
    if (messageId === undefined || thread === undefined) continue;
    const { occurredAt, sequence } = item.message;
    const origin = causedOutside({ kind: 'system', id: null }, item.traceparent);
    await placeReply(deps, trx, thread, messageId, { origin, position: { occurredAt, sequence } });
  }
}

async function settleByEcho(
  deps: RecordDeps,
  trx: Trx,
  { thread, message, traceparent }: Placed,
  reply: OpenReply,
): Promise<void> {
  await settle(deps, trx, thread, reply.messageId, {
    status: 'sent',
    externalMessageId: message.externalMessageId,
    occurredAt: message.occurredAt,
    position: { occurredAt: message.occurredAt, sequence: message.sequence },
    origin: causedOutside({ kind: 'system', id: null }, traceparent),
  });
}

function toInsert({ account, message, messageId, thread }: Placed) {
  return {
    tenantId: account.tenantId,
    accountId: account.id,
    externalMessageId: message.externalMessageId,
    messageId,
    conversationId: thread.conversationId,
    raw: message.raw,
  };
}

function toEvent({ account, message, messageId, thread, receivedAt, traceparent }: Placed): AnyEventDraft {
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
      buyer: thread.buyer,
      content: message.content,
      sequence: message.sequence,
      replyToExternalId: message.replyToExternalId,
      externalOrderIds: [...message.externalOrderIds],
    },
  };
}
