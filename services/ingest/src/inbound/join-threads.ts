import { causedBySystem } from '@crossdesk/service-kit';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { ThreadJoin } from '../thread/alias.domain.ts';
import { findAwaited, lockForJoins, moveThread } from '../thread/join.store.ts';
import { lockOwnThreadOf } from '../thread/thread.store.ts';
import { tellReleased } from './tell-released.ts';

/**
 * Joins threads that turned out to be one: everything of the younger one moves into the older one. The event is the last
 * one of the younger thread, so whoever follows it has seen everything that has to be moved.
 */
export async function joinThreads(
  { runtime }: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  joins: readonly ThreadJoin[],
): Promise<void> {
  if (joins.length === 0) return;
  await lockForJoins(trx, joins);
  for (const join of joins) {
    const thread = await lockOwnThreadOf(trx, join.tenantId, join.from, 1);
    if (thread === null) continue;
    const duplicates = await moveThread(trx, join);
    const { conversationId, accountId, externalThreadId } = thread;
    await runtime.outbox.append(trx, [
      {
        aggregate: thread.nextAggregate(),
        type: 'ingest.threads-joined',
        origin: causedBySystem(),
        data: { conversationId, intoConversationId: join.into, accountId, externalThreadId, duplicates },
      },
    ]);
    await tellReleased({ runtime }, trx, await findAwaited(trx, join));
  }
}
