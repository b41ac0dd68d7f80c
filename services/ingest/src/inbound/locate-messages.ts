import type { Buyer } from '@crossdesk/contracts';
import type { IngestDeps } from '../deps.ts';
import type { Trx } from '../db.ts';
import { findKnown, type MessageName, nameOfMessage } from '../thread/message-id.store.ts';
import { lockThreads, type ReceivingThread, reviveBuyer } from '../thread/thread.store.ts';
import type { AccountName } from '../fact.ts';
import type { BoundedMessage } from './bounded.ts';

export interface IncomingMessage {
  readonly account: AccountName;
  readonly message: BoundedMessage;
  /** The time that the platform gave, if it was not believed. */
  readonly claimedAt: Date | null;
  readonly receivedAt: Date;
  readonly traceparent: string | null;
}

/** A message with its thread, which is locked. */
export interface LocatedMessage extends IncomingMessage {
  readonly thread: ReceivingThread;
}

export function nameOf({ account, message }: IncomingMessage): string {
  return nameOfMessage(account.id, message.externalMessageId);
}

export function messageName({ account, message }: IncomingMessage): MessageName {
  return { tenantId: account.tenantId, accountId: account.id, externalMessageId: message.externalMessageId };
}

/** Finds or creates the threads of the messages and locks them in a fixed order. */
export async function locateMessages(
  deps: Pick<IngestDeps, 'adapters'>,
  trx: Trx,
  items: readonly IncomingMessage[],
): Promise<LocatedMessage[]> {
  const groups = Map.groupBy(items, threadName);
  const locked = await lockThreads(
    trx,
    [...groups.values()].flatMap((group) => threadToLock(deps, group)),
  );
  const threads = new Map(locked.map((thread) => [`${thread.accountId} ${thread.externalThreadId}`, thread]));
  const revived = await reviveBuyers(trx, threads, items);
  return items.map((item) => {
    const thread = revived.get(threadName(item));
    if (thread === undefined) throw new Error('a thread that was just upserted is missing');
    return { ...item, thread };
  });
}

function threadName({ account, message }: IncomingMessage): string {
  return `${account.id} ${message.externalThreadId}`;
}

function threadToLock({ adapters }: Pick<IngestDeps, 'adapters'>, group: readonly IncomingMessage[]) {
  const [first] = group;
  if (first === undefined) return [];
  const { account, message } = first;
  return [
    {
      tenantId: account.tenantId,
      accountId: account.id,
      externalThreadId: message.externalThreadId,
      buyer: mergedBuyer(group),
      lastInboundAt: lastInboundAt(group),
      namedAt: namedAt(group),
      // Each message needs at most one version for itself and one for the delivery it settles.
      events: group.length * 2,
      asksForBuyer: message.buyer.name === null && adapters[account.channel].buyers !== null,
    },
  ];
}

function lastInboundAt(group: readonly IncomingMessage[]): Date | null {
  const times = group
    .filter(({ message }) => message.direction === 'inbound' && message.author === 'buyer')
    .map(({ message }) => message.occurredAt.getTime());
  return times.length === 0 ? null : new Date(Math.max(...times));
}

/** When the platform last told the buyer's name, by its own clock. */
function namedAt(group: readonly IncomingMessage[]): Date | null {
  const times = group
    .filter(({ message }) => message.buyer.name !== null)
    .map(({ message }) => message.occurredAt.getTime());
  return times.length === 0 ? null : new Date(Math.max(...times));
}

/** Everything a batch says about one buyer; the latest message decides. */
function mergedBuyer(items: readonly IncomingMessage[]): Buyer {
  const sorted = items.toSorted((a, b) => a.message.occurredAt.getTime() - b.message.occurredAt.getTime());
  const buyers = sorted.map(({ message }) => message.buyer);
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

/** The data of an erased buyer is stored again with their first new message, but not with a repeated old one. */
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
