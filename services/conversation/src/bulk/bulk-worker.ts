import { type DueWork, isDatabaseTrouble, startDueWork } from '@crossdesk/service-kit';
import { type ChunkDeps, doChunk, skipItem, tryChunk } from './bulk-chunk.ts';
import type { BulkJob } from './bulk-job.domain.ts';
import { claimJobs, giveBack, nextJobInMs } from './bulk-job.store.ts';

const pollMs = 60_000;
const chunkItemsMax = 50;
/** Jobs at a time: the others wait, so that people find free connections. */
const concurrencyMax = 1;

/** Tries drafts and carries out running jobs, chunk by chunk. */
export function startBulkWorker(deps: ChunkDeps): DueWork {
  const { db, clock, log } = deps;
  return startDueWork<BulkJob>({
    name: 'bulk jobs',
    pollMs,
    concurrencyMax,
    claim: (limit) => db.asWorker((trx) => claimJobs(trx, limit, clock.now())),
    nextDueInMs: () => db.asWorker((trx) => nextJobInMs(trx, clock.now())),
    work: (job, stop) => workOn(deps, job, stop),
    log,
  });
}

/** A worker that is told to stop leaves the rest to the next one; the job of one that dies waits for the end of its lease. */
async function workOn(deps: ChunkDeps, claimed: BulkJob, stop: AbortSignal): Promise<void> {
  let job: BulkJob | null = claimed;
  while (job !== null && job.dueAt !== null && !stop.aborted) job = await nextChunk(deps, job);
  const left = job;
  if (left !== null && left.dueAt !== null) await deps.db.asWorker((trx) => giveBack(trx, left, deps.clock.now()));
}

async function nextChunk(deps: ChunkDeps, job: BulkJob): Promise<BulkJob | null> {
  try {
    return await chunkOf(deps, job, chunkItemsMax);
  } catch (err) {
    if (isDatabaseTrouble(err)) throw err;
    deps.log.warn({ err, jobId: job.id }, 'a chunk of a bulk job failed: its items are done one by one');
    return oneByOne(deps, job);
  }
}

/** One item that breaks its transaction must not stop the others. */
async function oneByOne(deps: ChunkDeps, from: BulkJob): Promise<BulkJob | null> {
  let job: BulkJob | null = from;
  for (let count = 0; count < chunkItemsMax && job !== null && job.dueAt !== null; count += 1) {
    const before: BulkJob = job;
    try {
      job = await chunkOf(deps, before, 1);
    } catch (err) {
      if (isDatabaseTrouble(err)) throw err;
      deps.log.error({ err, jobId: before.id, seq: before.nextSeq }, 'an item of a bulk job failed');
      job = await skipItem(deps, before);
    }
  }
  return job;
}

function chunkOf(deps: ChunkDeps, job: BulkJob, itemsMax: number): Promise<BulkJob | null> {
  return job.state === 'draft' ? tryChunk(deps, job, itemsMax) : doChunk(deps, job, itemsMax);
}
