import type { Keyring } from '@crossdesk/service-kit';
import type { ByteStore } from './byte-store.ts';
import { createFolderStore } from './folder-store.ts';
import { createInspector, type Inspector } from './inspector.ts';
import { createMediaLinks, type MediaLinks } from './media-links.ts';
import { createS3Store, type S3Options } from './s3-store.ts';

export interface MediaOptions {
  /** A folder, or a bucket of a service with the S3 interface. */
  readonly store: { readonly directory: string } | S3Options;
  /** The largest file that is kept. */
  readonly bytesMax: number;
  /** What the files of a workspace may take together; null = any. */
  readonly tenantBytesMax: number | null;
  /** How long files are kept; null = as long as their messages. */
  readonly keptDays: number | null;
}

/** What the room needs for files. */
export interface MediaDeps extends Pick<MediaOptions, 'bytesMax' | 'tenantBytesMax'> {
  readonly store: ByteStore;
  readonly inspector: Inspector;
  readonly links: MediaLinks;
}

export function createMediaDeps({ store, ...limits }: MediaOptions, linkKey: Keyring, publicUrl: string): MediaDeps {
  return {
    ...limits,
    store: 'directory' in store ? createFolderStore(store.directory) : createS3Store(store),
    inspector: createInspector(),
    links: createMediaLinks(linkKey, publicUrl),
  };
}
