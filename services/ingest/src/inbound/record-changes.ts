import { createHash } from 'node:crypto';
import type { NormalisedChange } from '@crossdesk/channels/adapters';
import type { MessageId } from '@crossdesk/contracts';
import type { Trx, WaitingChange } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { AccountName } from '../fact.ts';
import { findMessageIds, insertChanges, nameInConversation } from '../thread/message-change.store.ts';
import type { ToldThread } from '../thread/alias.domain.ts';
import type { LockedThread, ReceivingThread, ThreadToLock } from '../thread/thread.store.ts';
import { changedEvent } from './changed-event.ts';
import { lockPlaced, type Placed } from './locate-messages.ts';

export interface IncomingChange {
  readonly account: AccountName;
  readonly change: NormalisedChange;
  readonly receivedAt: Date;
  readonly traceparent: string | null;
}

interface LocatedChange extends IncomingChange {
  readonly thread: ReceivingThread;
  readonly key: Buffer;
}

type RecordDeps = Pick<IngestDeps, 'runtime' | 'adapters'>;

/**
 * Records what happened to messages after they were sent, each change once, and tells it. A change of a message that is
 * not known yet waits for it: `tellReleased` publishes it behind its message. No message and no conversation appears.
 */
export async function recordChanges(deps: RecordDeps, trx: Trx, incoming: readonly IncomingChange[]): Promise<void> {
  if (incoming.length === 0) return;
  const located = onceEach(await locate(deps, trx, incoming));
  const names = located.map(nameOf);
  const messageIds = await findMessageIds(trx, names);
  const idOf = ({ thread, change }: LocatedChange): MessageId | null =>
    messageIds.get(nameInConversation(thread.conversationId, change.externalMessageId)) ?? null;
  const fresh = await insertChanges(
    trx,
    located.map((item) => ({
      ...nameOf(item),
      key: item.key,
      waiting: idOf(item) === null && isKept(item) ? waitingOf(item) : null,
      occurredAt: item.change.occurredAt,
      receivedAt: item.receivedAt,
    })),
  );
  const events = located.flatMap((item) => {
    const messageId = idOf(item);
    if (messageId === null || !isKept(item) || !fresh.has(item.key.toString('hex'))) return [];
    return [changedEvent(item.thread, item.account, { ...waitingOf(item), messageId, receivedAt: item.receivedAt })];
  });
  await deps.runtime.outbox.append(trx, events);
}

async function locate(deps: RecordDeps, trx: Trx, items: readonly IncomingChange[]): Promise<LocatedChange[]> {
  const { placed, threads } = await lockPlaced(deps, trx, items, toldThread, threadToLock);
  const byId = new Map(threads.map((thread) => [thread.conversationId, thread]));
  return placed.map(({ conversationId, ...item }) => {
    const thread = byId.get(conversationId);
    if (thread === undefined) throw new Error('a thread that was just upserted is missing');
    return { ...item, thread, key: keyOf(thread, item) };
  });
}

function toldThread({ account, change }: IncomingChange): ToldThread {
  const { occurredAt, externalThreadId, threadAliases = [{ id: externalThreadId, standing: 'own' }] } = change;
  return { tenantId: account.tenantId, accountId: account.id, aliases: threadAliases, occurredAt };
}

function threadToLock(
  { adapters }: Pick<IngestDeps, 'adapters'>,
  [first, ...others]: readonly (IncomingChange & Placed)[],
): ThreadToLock[] {
  if (first === undefined) return [];
  const { account, change, conversationId } = first;
  return [
    {
      tenantId: account.tenantId,
      accountId: account.id,
      conversationId,
      externalThreadId: change.externalThreadId,
      buyer: change.buyer,
      // A change is no message: it opens no window.
      lastInboundAt: null,
      namedAt: change.buyer.name === null ? null : change.occurredAt,
      events: others.length + 1,
      asksForBuyer: change.buyer.name === null && adapters[account.channel].buyers !== null,
    },
  ];
}

/** A message is deleted once, and polls cannot tell when; anything else may happen again at another time. */
function keyOf({ conversationId }: LockedThread, item: IncomingChange): Buffer {
  const { externalMessageId, by, change, occurredAt } = item.change;
  const parts = [conversationId, externalMessageId, by, change, change.kind === 'deleted' ? null : occurredAt];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

function onceEach(items: readonly LocatedChange[]): LocatedChange[] {
  return [...new Map(items.map((item) => [item.key.toString('hex'), item])).values()];
}

/** Nothing that an erased buyer wrote is stored again; that a message was deleted says nothing about them. */
function isKept({ thread, change }: LocatedChange): boolean {
  return !thread.isErased || change.change.kind === 'deleted';
}

function nameOf({ thread, change }: LocatedChange) {
  const { tenantId, accountId, conversationId } = thread;
  return { tenantId, accountId, conversationId, externalMessageId: change.externalMessageId };
}

function waitingOf(item: LocatedChange): WaitingChange {
  const { by, change, occurredAt } = item.change;
  return { by, change, occurredAt: occurredAt.toISOString(), traceparent: item.traceparent };
}
