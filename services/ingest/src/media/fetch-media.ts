import { PlatformRefusal } from '@crossdesk/channels/adapters';
import type { MediaFailure } from '@crossdesk/contracts';
import type { AccountContext } from '../account/connected-account.ts';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import { FileError } from '../platform/file-source.ts';
import type { Inspection, Thumbnail } from './inspection.domain.ts';
import { findRawBody } from '../raw/raw.store.ts';
import { findUnsafe, unknownType } from './media.domain.ts';
import type { ClaimedMedia } from './media.store.ts';

export interface FetchedMedia extends Omit<Inspection, 'mimeType'> {
  readonly mimeType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly thumbnail: Thumbnail | null;
}

type FetchDeps = Pick<IngestDeps, 'runtime' | 'adapters' | 'files' | 'media' | 'platformTimeoutMs'>;

/** A file is larger than any other answer of a platform. */
const timeoutFactor = 4;
const coverBytesMax = 5 * 1024 * 1024;

/** Fetches a file from its platform and opens it. @throws PlatformRefusal, PlatformCallError, when it may come later */
export async function fetchMedia(
  deps: FetchDeps,
  access: PlatformAccess,
  claimed: ClaimedMedia,
): Promise<FetchedMedia | MediaFailure | 'no access'> {
  const bytes = await bytesOf(deps, access, claimed);
  if (typeof bytes === 'string') return bytes;
  const answer = await deps.media.inspector.inspect(bytes);
  if (answer === null) return 'UNSAFE';
  const { thumbnail, ...found } = answer.found;
  const unsafe = findUnsafe(claimed.kind, found);
  if (unsafe !== null) return unsafe;
  return {
    ...found,
    mimeType: found.mimeType ?? unknownType,
    bytes: answer.bytes,
    thumbnail: claimed.kind === 'video' ? await coverOf(deps, claimed) : thumbnail,
  };
}

async function bytesOf(deps: FetchDeps, access: PlatformAccess, claimed: ClaimedMedia) {
  const { url, mediaId, rawId } = claimed.source;
  if (url !== null) return refused(() => load(deps, url));
  if (mediaId === null) return 'BAD_ADDRESS';
  if (rawId !== undefined) return fromDelivery(deps, access, claimed, { rawId, mediaId });
  const context = await access.open(claimed.tenant_id, claimed.account_id);
  if (context === null) return 'no access';
  return refused(() => loadById(deps, access, context, mediaId));
}

/** A file that came with its message: it is in the kept bytes, also when the account cannot be used now. */
async function fromDelivery(
  { runtime, adapters, media: { bytesMax } }: FetchDeps,
  access: PlatformAccess,
  { tenant_id, account_id }: ClaimedMedia,
  { rawId, mediaId }: { readonly rawId: string; readonly mediaId: string },
) {
  const account = await access.accountOf(tenant_id, account_id);
  const media = account === null ? null : adapters[account.channel].media;
  if (media?.from !== 'delivery') return 'BAD_ADDRESS';
  const delivery = await runtime.db.forTenant(tenant_id, (trx) => findRawBody(trx, tenant_id, rawId));
  const bytes = delivery === null ? null : await media.extract(delivery, mediaId);
  if (bytes === null) return 'GONE';
  return bytes.byteLength > bytesMax ? 'TOO_LARGE' : bytes;
}

/** A file that the platform gives by its id, with the account's token; a refused token is renewed once. */
async function loadById(deps: FetchDeps, access: PlatformAccess, context: AccountContext, mediaId: string) {
  const { media } = deps.adapters[context.account.channel];
  if (media?.from !== 'platform') return 'BAD_ADDRESS';
  const found = await readWith(access, context, async (fresh) => {
    const address = await media.locate(fresh, mediaId);
    return address === null ? 'GONE' : load(deps, address.url, address.headers);
  });
  return found === null ? 'no access' : found.read;
}

/** @throws PlatformRefusal for a refused token, FileError */
async function load(deps: FetchDeps, url: string, headers: Readonly<Record<string, string>> = {}) {
  const { files, media, platformTimeoutMs } = deps;
  try {
    return await files.fetch({ url, headers, bytesMax: media.bytesMax, timeoutMs: platformTimeoutMs * timeoutFactor });
  } catch (error) {
    if (error instanceof FileError && error.reason === 'token')
      throw new PlatformRefusal('unauthorised', error.message);
    throw error;
  }
}

/** Turns the refusal of an address into the failure of the file. */
async function refused<Result>(loading: () => Promise<Result>): Promise<Result | MediaFailure> {
  try {
    return await loading();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    switch (error.reason) {
      case 'address':
        return 'BAD_ADDRESS';
      case 'absent':
      case 'token':
        return 'GONE';
      case 'size':
        return 'TOO_LARGE';
      case 'unreachable':
        throw new PlatformRefusal('unavailable', error.message);
    }
  }
}

/** The platform's still picture of a video, as a thumbnail. Without it the video is complete, too. */
async function coverOf({ files, media, platformTimeoutMs }: FetchDeps, { source }: ClaimedMedia) {
  if (source.thumbnailUrl === null) return null;
  try {
    const picture = { url: source.thumbnailUrl, bytesMax: coverBytesMax, timeoutMs: platformTimeoutMs };
    const answer = await media.inspector.inspect(await files.fetch(picture));
    if (answer === null || findUnsafe('image', answer.found) !== null) return null;
    const { thumbnail, mimeType } = answer.found;
    return thumbnail ?? { bytes: answer.bytes, mimeType: mimeType ?? unknownType };
  } catch (error) {
    if (error instanceof FileError) return null;
    throw error;
  }
}
