import { firstIdAt } from '@crossdesk/contracts';
import { causedOutside, type DueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { claimJobs, giveBack, nextDueInMs } from '../../job/due-rows.store.ts';
import { nextTexts } from '../../message/message-text.store.ts';
import { revise } from '../revise.ts';
import { type ReprocessingRow, saveProgress } from './reprocessing.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'outbox' | 'log'>;

const pollMs = 60_000;
/** A page that failed so often, without any in between that did not, ends it. */
const triesMax = 3;
const pageRows = 100;

/** Understands messages again as people ask for it, one wish at a time. */
export function startReprocessor(deps: Deps): DueWork {
  const { db, clock, log } = deps;
  return startDueWork<ReprocessingRow>({
    name: 'reprocessings',
    pollMs,
    concurrencyMax: 1,
    claim: (limit) => db.asWorker((trx) => claimJobs<ReprocessingRow>(trx, 'reprocessing', limit, clock.now())),
    nextDueInMs: () => db.asWorker((trx) => nextDueInMs(trx, 'reprocessing', clock.now())),
    work: (row, stop) => reprocess(deps, row, stop),
    log,
  });
}

/** Page by page; each is one transaction with its place, so that a worker that dies leaves the rest to the next one. */
async function reprocess(deps: Deps, claimed: ReprocessingRow, stop: AbortSignal): Promise<void> {
  const { db, clock } = deps;
  if (claimed.tries > triesMax) {
    const failed = { ...claimed, state: 'failed', finished_at: clock.now() } as const;
    await db.asWorker((trx) => saveProgress(trx, claimed, failed, clock.now()));
    return;
  }
  let row: ReprocessingRow | null = claimed;
  while (row?.state === 'running') {
    if (stop.aborted) {
      const held: ReprocessingRow = row;
      return db.asWorker((trx) => giveBack(trx, 'reprocessing', held, clock.now()));
    }
    row = await nextPage(deps, row);
  }
}

/** The reprocessing after one more page, which is locked until then; null: another worker has it now. */
async function nextPage({ db, clock, outbox }: Deps, row: ReprocessingRow): Promise<ReprocessingRow | null> {
  const { tenant_id: tenantId } = row;
  const origin = causedOutside({ kind: 'automation', id: null });
  return db.asWorker(async (trx) => {
    if (!(await saveProgress(trx, row, row, clock.now()))) return null;
    const span = { after: row.after_message, before: firstIdAt(row.to_at) };
    const texts = await nextTexts(trx, tenantId, span, pageRows);
    const wordings = texts.map(({ message_id: messageId, text }) => ({
      messageId,
      words: text,
      text,
      saidAt: null,
      found: null,
    }));
    const revised = await revise({ outbox, clock }, trx, { tenantId, origin }, wordings);
    const now = clock.now();
    const isOver = texts.length < pageRows;
    const progress = {
      messages: row.messages + texts.length,
      revised: row.revised + revised,
      after_message: texts.at(-1)?.message_id ?? row.after_message,
      // Begins to count again: this page went well.
      tries: 1,
      state: isOver ? 'done' : 'running',
      finished_at: isOver ? now : null,
    } as const;
    await saveProgress(trx, row, progress, now);
    return { ...row, ...progress };
  });
}
