import { createHash } from 'node:crypto';
import type { NormalisedChange } from '@crossdesk/channels/adapters';
import type { MessageId } from '@crossdesk/contracts';
import type { Trx, WaitingChange } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { IncomingFact } from '../fact.ts';
import { insertChanges } from '../thread/message-change.store.ts';
import { findKnown, nameOfMessage } from '../thread/message-id.store.ts';
import type { LockedThread, ReceivingThread, ThreadToLock } from '../thread/thread.store.ts';
import { changedEvent } from './changed-event.ts';
import { lockPlaced, type Placed, subjectsIn, toldThread } from './locate-messages.ts';
import type { RawSubject } from '../raw/raw.store.ts';

export interface IncomingChange extends Omit<IncomingFact, 'fact'> {
  readonly change: NormalisedChange;
}

interface LocatedChange extends IncomingChange {
  readonly thread: ReceivingThread;
  readonly key: Buffer;
}

type RecordDeps = Pick<IngestDeps, 'runtime' | 'adapters'>;

/**
 * Records what happened to messages after they were sent, each change once, and tells it. A change of a message that is
 * not known yet waits for it: `tellReleased` publishes it behind its message. No message and no conversation appears.
 * Returns the conversations that the kept bytes are about.
 */
export async function recordChanges(
  deps: RecordDeps,
  trx: Trx,
  incoming: readonly IncomingChange[],
): Promise<RawSubject[]> {
  if (incoming.length === 0) return [];
  const all = await locate(deps, trx, incoming);
  const located = onceEach(all);
  const names = located.map(nameOf);
  const messageIds = await findKnown(trx, names);
  const idOf = ({ thread, change }: LocatedChange): MessageId | null =>
    messageIds.get(nameOfMessage(thread.conversationId, change.externalMessageId)) ?? null;
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
  return subjectsIn(all);
}

async function locate(deps: RecordDeps, trx: Trx, items: readonly IncomingChange[]): Promise<LocatedChange[]> {
  const { placed, threads } = await lockPlaced(
    deps,
    trx,
    items,
    ({ account, change }) => toldThread(account, change),
    threadToLock,
  );
  const byId = new Map(threads.map((thread) => [thread.conversationId, thread]));
  return placed.map(({ conversationId, ...item }) => {
    const thread = byId.get(conversationId);
    if (thread === undefined) throw new Error('a thread that was just upserted is missing');
    return { ...item, thread, key: keyOf(thread, item) };
  });
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
