import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { declareCounter } from '@crossdesk/service-kit';
import type { IngestDeps } from '../deps.ts';
import type { InspectedFile } from '../media/inspection.domain.ts';
import { load } from '../media/load.ts';
import { limitedBody, wrongLength } from './limited-body.ts';
import { judge, type Judgement, type UploadRefusal } from './upload.domain.ts';
import { namesOfUpload } from './upload-names.ts';
import { type AcceptedFile, markRefused, markUploaded, type UploadRow } from './upload.store.ts';

const uploads = declareCounter<'outcome'>('ingest', {
  name: 'crossdesk_uploads_total',
  help: 'Files that people sent by outcome: ready, or why they were not taken',
  labelNames: ['outcome'],
});

/** The longest pause of a sender. */
const idleMsMax = 20_000;
/** What a body is taken for before anybody knows. */
const unknownType = 'application/octet-stream';

type ReceiveDeps = Pick<IngestDeps, 'runtime' | 'media'>;

/**
 * Streams the bytes of a claimed upload into the media store, then opens them there and records what they are. Null when
 * the claim ended meanwhile. @throws RefusedBody, and what connection and store throw
 */
export async function receiveUpload(
  deps: ReceiveDeps,
  claimed: UploadRow,
  request: IncomingMessage,
): Promise<UploadRow | null> {
  const { bytes } = claimed;
  const announced = Number(request.headers['content-length'] ?? bytes);
  if (announced !== bytes) throw wrongLength(bytes, `${announced} are to come`);
  const hash = createHash('sha256');
  const chunks = limitedBody(request, { bytes, idleMsMax, hash });
  const names = namesOfUpload(claimed);
  await deps.media.store.putStream(names.file, { bytes, chunks, mimeType: unknownType });
  return inspectStored(deps, claimed, hash.digest());
}

async function inspectStored(deps: ReceiveDeps, claimed: UploadRow, sha256: Buffer): Promise<UploadRow | null> {
  const { store, inspector } = deps.media;
  const found = await inspector.inspectLater(() => load(store, namesOfUpload(claimed).file, claimed.bytes));
  if (found === null) return refuse(deps, claimed, unopened);
  const judgement = judge(claimed.file_name, claimed.bytes, found);
  if (judgement.refusal !== null) return refuse(deps, claimed, judgement);
  return accept(deps, claimed, { ...found, ...judgement, sha256 });
}

/** The bytes took too long to open or broke the thread. */
const unopened = { refusal: 'UNSAFE', message: 'The file cannot be opened: save it again.' } as const;

async function refuse(
  { runtime: { db, metrics }, media }: ReceiveDeps,
  claimed: UploadRow,
  { refusal, message }: Extract<Judgement, { readonly refusal: UploadRefusal }>,
): Promise<UploadRow | null> {
  await media.store.remove(namesOfUpload(claimed).file);
  const row = await db.asWorker((trx) => markRefused(trx, claimed, refusal, message));
  uploads(metrics).inc({ outcome: refusal.toLowerCase() });
  return row;
}

async function accept(
  { runtime: { db, metrics }, media }: ReceiveDeps,
  claimed: UploadRow,
  { thumbnail, ...file }: InspectedFile & Pick<AcceptedFile, 'type' | 'fileName' | 'sha256'>,
): Promise<UploadRow | null> {
  const { thumbnail: name } = namesOfUpload(claimed);
  if (thumbnail !== null) await media.store.put(name, thumbnail.bytes, thumbnail.mimeType);
  const accepted = { ...file, thumbnailType: thumbnail?.mimeType ?? null };
  const row = await db.asWorker((trx) => markUploaded(trx, claimed, accepted));
  uploads(metrics).inc({ outcome: 'ready' });
  return row;
}
