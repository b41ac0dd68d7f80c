import { type DueWork, startDueWork } from '@crossdesk/service-kit';
import type { IngestDeps } from '../deps.ts';
import { namesOfUpload } from './upload-names.ts';
import { beginDrop, claimUnused, endDrop, nextDropInMs, type UploadKey } from './upload.store.ts';

type DropDeps = Pick<IngestDeps, 'runtime' | 'media'>;

/** Longer than the removal of two files takes. */
const leaseMs = 300_000;

/** Drops uploads that nobody attached in a day, whether their bytes came or not. */
export function startUploadDropper(deps: DropDeps): DueWork {
  const { db, log } = deps.runtime;
  return startDueWork({
    name: 'upload dropper',
    pollMs: 60_000,
    nextDueInMs: () => db.asWorker(nextDropInMs),
    concurrencyMax: 2,
    log,
    claim: (limit) => db.asWorker((trx) => claimUnused(trx, limit, leaseMs)),
    work: (key) => dropUpload(deps, key),
  });
}

/** Removes the bytes of an upload if nothing has it. Ended halfway, it is done again. */
export async function dropUpload({ runtime: { db }, media }: DropDeps, key: UploadKey): Promise<void> {
  if (!(await db.asWorker((trx) => beginDrop(trx, key)))) return;
  const names = namesOfUpload(key);
  await media.store.remove(names.thumbnail);
  await media.store.remove(names.file);
  await db.asWorker((trx) => endDrop(trx, key));
}
