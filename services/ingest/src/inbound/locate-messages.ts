import type { NormalisedMessage } from '@crossdesk/channels/adapters';
import { type Buyer, type ConversationId, newId } from '@crossdesk/contracts';
import type { IngestDeps } from '../deps.ts';
import type { Trx } from '../db.ts';
import type { ToldThread } from '../thread/alias.domain.ts';
import { placeInThreads } from '../thread/alias.store.ts';
import { findKnown, nameOfMessage } from '../thread/message-id.store.ts';
import type { RawSubject } from '../raw/raw.store.ts';
import {
  type LockedThread,
  lockThreads,
  type ReceivingThread,
  reviveBuyer,
  type ThreadToLock,
} from '../thread/thread.store.ts';
import type { AccountName, IncomingFact } from '../fact.ts';
import type { BoundedMessage } from './bounded.ts';
import { joinThreads } from './join-threads.ts';

export interface IncomingMessage extends Omit<IncomingFact, 'fact'> {
  readonly message: BoundedMessage;
  /** The time that the platform gave, if it was not believed. */
  readonly claimedAt: Date | null;
}

/** A message with its thread, which is locked. */
export interface LocatedMessage extends IncomingMessage {
  readonly thread: ReceivingThread;
}

/** What belongs to a conversation. */
export interface Placed {
  readonly conversationId: ConversationId;
}

type PlacedMessage = IncomingMessage & Placed;

export function nameOf({ thread, message }: LocatedMessage): string {
  return nameOfMessage(thread.conversationId, message.externalMessageId);
}

export function messageName({ account, message, thread }: LocatedMessage) {
  const { conversationId } = thread;
  const { externalMessageId } = message;
  return { tenantId: account.tenantId, accountId: account.id, conversationId, externalMessageId };
}

/** Two joins of one thread within one commit of ours are rare already. */
const triesMax = 5;

/**
 * Finds or creates the threads of the messages and locks them in a fixed order. Threads that turn out to be one are
 * joined first.
 */
export async function locateMessages(
  deps: Pick<IngestDeps, 'adapters' | 'runtime'>,
  trx: Trx,
  items: readonly IncomingMessage[],
): Promise<LocatedMessage[]> {
  const { placed, threads } = await lockPlaced(
    deps,
    trx,
    items,
    ({ account, message }) => toldThread(account, message),
    threadToLock,
  );
  return reviveBuyers(trx, threads, placed);
}

/**
 * Places items in threads, and locks these. `toLock` says what the items of one thread add to it.
 */
export async function lockPlaced<Item>(
  deps: Pick<IngestDeps, 'adapters' | 'runtime'>,
  trx: Trx,
  items: readonly Item[],
  toldOf: (item: Item) => ToldThread,
  toLock: (deps: Pick<IngestDeps, 'adapters'>, group: readonly (Item & Placed)[]) => ThreadToLock[],
): Promise<{ readonly placed: (Item & Placed)[]; readonly threads: ReceivingThread[] }> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const { conversationIds, joins } = await placeInThreads(trx, items.map(toldOf), newId<ConversationId>);
    await joinThreads(deps, trx, joins);
    const placed = items.flatMap((item, index): (Item & Placed)[] => {
      const conversationId = conversationIds[index];
      return conversationId === undefined ? [] : [{ ...item, conversationId }];
    });
    const groups = Map.groupBy(placed, ({ conversationId }) => conversationId);
    const threads = await lockThreads(
      trx,
      [...groups.values()].flatMap((group) => toLock(deps, group)),
    );
    // A thread that is missing was joined into another one after its ids were read.
    if (threads.length === groups.size) return { placed, threads };
  }
  throw new Error('threads were joined again and again while they were being looked up');
}

/** The ids by which a message or a change names its thread. */
export function toldThread(
  { tenantId, id: accountId }: Pick<AccountName, 'tenantId' | 'id'>,
  told: Pick<NormalisedMessage, 'externalThreadId' | 'threadAliases' | 'occurredAt'>,
): ToldThread {
  const { occurredAt, externalThreadId, threadAliases = [{ id: externalThreadId, standing: 'own' }] } = told;
  return { tenantId, accountId, aliases: threadAliases, occurredAt };
}

function threadToLock({ adapters }: Pick<IngestDeps, 'adapters'>, group: readonly PlacedMessage[]) {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) return [];
  const { account, message, conversationId } = first;
  return [
    {
      tenantId: account.tenantId,
      conversationId,
      accountId: account.id,
      externalThreadId: last.message.externalThreadId,
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
  locked: readonly ReceivingThread[],
  items: readonly PlacedMessage[],
): Promise<LocatedMessage[]> {
  const threads = new Map(locked.map((thread) => [thread.conversationId, thread]));
  const located = items.map((item) => withThread(threads, item));
  const doubtful = located.filter(({ message, thread }) => message.direction === 'inbound' && thread.isErased);
  if (doubtful.length === 0) return located;
  const known = await findKnown(trx, doubtful.map(messageName));
  const news = Map.groupBy(
    doubtful.filter((item) => !known.has(nameOf(item))),
    ({ thread }) => thread,
  );
  for (const [thread, group] of news)
    threads.set(thread.conversationId, await reviveBuyer(trx, thread, mergedBuyer(group)));
  return items.map((item) => withThread(threads, item));
}

function withThread(
  threads: ReadonlyMap<ConversationId, ReceivingThread>,
  { conversationId, ...item }: PlacedMessage,
): LocatedMessage {
  const thread = threads.get(conversationId);
  if (thread === undefined) throw new Error('a thread that was just upserted is missing');
  return { ...item, thread };
}

/** The conversations that kept bytes are about. */
export function subjectsIn(
  located: readonly (Pick<IncomingMessage, 'rawId'> & { readonly thread: LockedThread })[],
): RawSubject[] {
  return located.flatMap(({ rawId, thread: { tenantId, accountId, conversationId } }) =>
    rawId === null ? [] : [{ tenantId, accountId, kind: 'thread', externalId: conversationId, rawId }],
  );
}
