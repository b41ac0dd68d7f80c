import { afterCommit, causedBySystem, crashPoint, type DueWork, startDueWork } from '@crossdesk/service-kit';
import type { IngestDeps } from '../deps.ts';
import { lockOwnThreadOf } from '../thread/thread.store.ts';
import { claimErasing, eraseReplies, eraseSentFiles } from './erasure.store.ts';

/** Short, so that work of a dead process is taken over soon. Two at once are harmless: the row is deleted first. */
const leaseMs = 5_000;

/** Erases the replies to erased buyers once they are settled: the last step of an erasure in ingest. */
export function startReplyEraser(deps: Pick<IngestDeps, 'runtime' | 'nudgeMedia'>): DueWork {
  const { db, log, outbox } = deps.runtime;
  return startDueWork({
    name: 'reply eraser',
    pollMs: 2_000,
    concurrencyMax: 2,
    log,
    claim: (limit) => db.asWorker((trx) => claimErasing(trx, limit, leaseMs)),
    work: async (due) => {
      await db.asWorker(async (trx) => {
        const thread = await lockOwnThreadOf(trx, due.tenantId, due.conversationId, 1);
        afterCommit(trx, deps.nudgeMedia);
        // It goes on when the bytes are removed.
        if ((await eraseSentFiles(trx, due)) > 0) return;
        const rows = await eraseReplies(trx, due);
        if (thread === null || rows === null) return;
        const { erasureId, conversationId } = due;
        await outbox.append(trx, [
          {
            aggregate: thread.nextAggregate(),
            type: 'ingest.personal-data-erased',
            origin: causedBySystem(),
            data: { erasureId, conversationId, rows },
          },
        ]);
      });
      crashPoint('erasure-step-committed', 'ingest');
    },
  });
}
