import { createHash } from 'node:crypto';
import type { NormalisedChange } from '@crossdesk/channels/adapters';
import type { MessageId } from '@crossdesk/contracts';
import { type AnyEventDraft, causedOutside } from '@crossdesk/service-kit';
import type { Trx, WaitingChange } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { AccountName } from '../fact.ts';
import { findMessageIds, insertChanges, nameInConversation } from '../thread/message-change.store.ts';
import { type LockedThread, lockThreads, type ReceivingThread } from '../thread/thread.store.ts';

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

/** The event of a change; its thread is locked. */
export function changedEvent(
  thread: LockedThread,
  { id: accountId, channel }: Pick<AccountName, 'id' | 'channel'>,
  told: WaitingChange & { readonly messageId: MessageId; readonly receivedAt: Date },
): AnyEventDraft {
  const { messageId, by, change, receivedAt, traceparent } = told;
  const actor = { kind: by === 'buyer' ? 'customer' : 'system', id: null } as const;
  return {
    aggregate: thread.nextAggregate(),
    type: 'ingest.message-changed',
    origin: causedOutside(actor, traceparent),
    occurredAt: new Date(told.occurredAt),
    receivedAt,
    data: { conversationId: thread.conversationId, messageId, accountId, channel, by, change },
  };
}

async function locate({ adapters }: RecordDeps, trx: Trx, items: readonly IncomingChange[]): Promise<LocatedChange[]> {
  const groups = Map.groupBy(items, threadName);
  const locked = await lockThreads(
    trx,
    [...groups.values()].flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : [
            {
              tenantId: first.account.tenantId,
              accountId: first.account.id,
              externalThreadId: first.change.externalThreadId,
              buyer: first.change.buyer,
              // A change is no message: it opens no window.
              lastInboundAt: null,
              namedAt: first.change.buyer.name === null ? null : first.change.occurredAt,
              events: others.length + 1,
              asksForBuyer: first.change.buyer.name === null && adapters[first.account.channel].buyers !== null,
            },
          ],
    ),
  );
  const threads = new Map(locked.map((thread) => [`${thread.accountId} ${thread.externalThreadId}`, thread]));
  return items.map((item) => {
    const thread = threads.get(threadName(item));
    if (thread === undefined) throw new Error('a thread that was just upserted is missing');
    return { ...item, thread, key: keyOf(thread, item) };
  });
}

function threadName({ account, change }: IncomingChange): string {
  return `${account.id} ${change.externalThreadId}`;
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
