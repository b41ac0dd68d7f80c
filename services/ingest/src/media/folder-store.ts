import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ByteStore } from './byte-store.ts';

/** Keeps bytes in a folder, for one machine or for a volume that all processes of ingest share. */
export function createFolderStore(directory: string): ByteStore {
  return {
    put: (name, bytes) => write(join(directory, name), bytes),
    async putStream(name, { chunks }) {
      const path = join(directory, name);
      try {
        await write(path, chunks);
      } catch (error) {
        await rm(partOf(path), { force: true });
        throw error;
      }
    },
    async read(name, range) {
      try {
        const file = await open(join(directory, name), 'r');
        return file.createReadStream(range ?? {});
      } catch (error) {
        if (isAbsent(error)) return null;
        throw error;
      }
    },
    async remove(name) {
      const path = join(directory, name);
      await rm(partOf(path), { force: true });
      await rm(path, { force: true });
    },
  };
}

/**
 * The name appears with all bytes or not at all. What a process leaves that ends here has a name of its own, which the
 * next try overwrites.
 */
async function write(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(partOf(path), 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partOf(path), path);
}

const partOf = (path: string): string => `${path}.part`;

function isAbsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Reflect.get(error, 'code') === 'ENOENT';
}
