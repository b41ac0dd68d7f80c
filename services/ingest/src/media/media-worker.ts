import { PlatformCallError, PlatformRefusal } from '@crossdesk/channels/adapters';
import type { MediaFailure } from '@crossdesk/contracts';
import { causedBySystem, declareCounter, type DueWork, startDueWork } from '@crossdesk/service-kit';
import { type PlatformAccess } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import { lockThreadOf } from '../thread/thread.store.ts';
import { fetchMedia, type FetchedMedia } from './fetch-media.ts';
import { accessWaitMsMax, retryInMs } from './media.domain.ts';
import { mediaChanged } from './media.events.ts';
import { namesOf } from './media-names.ts';
import {
  type ClaimedMedia,
  claimMedia,
  lockClaim,
  markFailed,
  markReady,
  markRemoved,
  type MediaRow,
  nextMediaInMs,
  postpone,
  release,
  takeSpace,
} from './media.store.ts';
import type { Trx } from '../db.ts';

const files = declareCounter<'outcome'>('ingest', {
  name: 'crossdesk_media_total',
  help: 'Files of messages by outcome: ready, or the reason they could not be fetched',
  labelNames: ['outcome'],
});

/** Longer than all calls of one try together, so that two workers are never at the same file. */
const leaseMs = 300_000;
/** Two files at a time are in memory. */
const concurrencyMax = 2;
const accessPauseMs = 3_600_000;

/**
 * Fetches the files of messages into the media store, and removes those that failed halfway or were erased. The name in
 * the store is known before anything is stored: whatever a process leaves that ends halfway is found again by its row.
 */
export function startMediaWorker(deps: IngestDeps, access: PlatformAccess): DueWork {
  const { db, log } = deps.runtime;
  return startDueWork({
    name: 'media worker',
    // For files that a process left which has ended; others come with a nudge.
    pollMs: 15_000,
    nextDueInMs: () => db.asWorker(nextMediaInMs),
    concurrencyMax,
    log,
    claim: (limit) => db.asWorker((trx) => claimMedia(trx, limit, leaseMs)),
    work: async (claimed) => {
      if (claimed.state === 'pending') await fetchClaimed(deps, access, claimed);
      else await remove(deps, claimed);
    },
  });
}

async function fetchClaimed(deps: IngestDeps, access: PlatformAccess, claimed: ClaimedMedia): Promise<void> {
  const outcome = await fetched(deps, access, claimed);
  if (outcome.status === 'fetched') await keep(deps, claimed, outcome.media);
  else if (outcome.status === 'failed') await end(deps, claimed, (trx) => markFailed(trx, claimed, outcome.failure));
  else await wait(deps, claimed, outcome);
}

type Outcome =
  | { readonly status: 'fetched'; readonly media: FetchedMedia }
  | { readonly status: 'failed'; readonly failure: MediaFailure }
  | { readonly status: 'later'; readonly isTry: boolean; readonly afterMs: number };

/** One try. An account that cannot be used now, or a platform that asks to wait, does not count as a try. */
async function fetched(deps: IngestDeps, access: PlatformAccess, claimed: ClaimedMedia): Promise<Outcome> {
  try {
    const result = await fetchMedia(deps, access, claimed);
    if (result === 'no access') return { status: 'later', isTry: false, afterMs: accessPauseMs };
    return typeof result === 'string' ? { status: 'failed', failure: result } : { status: 'fetched', media: result };
  } catch (error) {
    if (error instanceof PlatformRefusal && error.kind === 'rate-limited')
      return { status: 'later', isTry: false, afterMs: error.retryAfterMs ?? 60_000 };
    if (error instanceof PlatformRefusal && error.kind === 'permanent') return { status: 'failed', failure: 'GONE' };
    const isOfPlatform = error instanceof PlatformCallError || error instanceof PlatformRefusal;
    if (!isOfPlatform) deps.runtime.log.warn({ err: error, messageId: claimed.message_id }, 'file not fetched');
    return { status: 'later', isTry: true, afterMs: 0 };
  }
}

async function wait(
  deps: IngestDeps,
  claimed: ClaimedMedia,
  { isTry, afterMs }: Extract<Outcome, { status: 'later' }>,
): Promise<void> {
  const { db, clock } = deps.runtime;
  const isLate = clock.now().getTime() - claimed.created_at.getTime() > accessWaitMsMax;
  const pauseMs = isTry ? retryInMs(claimed.tries) : isLate ? null : afterMs;
  if (pauseMs !== null) return db.asWorker((trx) => postpone(trx, claimed, pauseMs, isTry));
  await end(deps, claimed, (trx) => markFailed(trx, claimed, isTry ? 'UNREACHABLE' : 'NO_ACCESS'));
}

/** Stores the bytes, then records it. Ended in between, it is done again under the same name. */
async function keep(deps: IngestDeps, claimed: ClaimedMedia, { bytes, thumbnail, ...found }: FetchedMedia) {
  const { store, tenantBytesMax } = deps.media;
  const names = namesOf(claimed);
  await store.put(names.file, bytes, found.mimeType);
  if (thumbnail !== null) await store.put(names.thumbnail, thumbnail.bytes, thumbnail.mimeType);
  const stored = { ...found, bytes: bytes.byteLength, thumbnailType: thumbnail?.mimeType ?? null };
  await end(deps, claimed, async (trx) => {
    const hasSpace = await takeSpace(trx, claimed.tenant_id, stored.bytes, tenantBytesMax);
    return hasSpace ? markReady(trx, claimed, stored) : markFailed(trx, claimed, 'QUOTA');
  });
}

/** Records an outcome in the order of the conversation and publishes it. */
async function end(
  { runtime }: IngestDeps,
  claimed: ClaimedMedia,
  record: (trx: Trx) => Promise<MediaRow>,
): Promise<void> {
  const row = await runtime.db.asWorker(async (trx) => {
    const thread = await lockThreadOf(trx, claimed.tenant_id, claimed.conversation_id, 1);
    if (thread === null) throw new Error('the file of a message without a thread');
    if (!(await lockClaim(trx, claimed))) {
      await release(trx, claimed);
      return null;
    }
    const after = await record(trx);
    await runtime.outbox.append(trx, mediaChanged(thread, after, causedBySystem()));
    return after;
  });
  if (row === null) return;
  files(runtime.metrics).inc({ outcome: row.failure?.toLowerCase() ?? 'ready' });
}

async function remove(deps: IngestDeps, claimed: ClaimedMedia): Promise<void> {
  const { runtime, media, dropUpload } = deps;
  if (claimed.upload_id === null) {
    const names = namesOf(claimed);
    await media.store.remove(names.thumbnail);
    await media.store.remove(names.file);
  } else await dropUpload(claimed.tenant_id, claimed.upload_id);
  await runtime.db.asWorker((trx) => markRemoved(trx, claimed));
}
