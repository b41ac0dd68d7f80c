import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a fixed size. Its content is gone when it is closed. */
export interface SmallDisk {
  readonly directory: string;
  /** Uses up the free space, except for this many bytes. */
  fill(leaveBytes: number): void;
  /** Frees the space that `fill` used. */
  relieve(): void;
  close(): void;
}

export const howToGetSmallDisk = 'a small file system has to be mounted: run it as root on Linux';

const chunk = Buffer.alloc(64 * 1024, 1);

/** Null if nothing can be mounted. */
export function openSmallDisk(sizeMb: number): SmallDisk | null {
  const directory = mkdtempSync(join(tmpdir(), 'crossdesk-small-disk-'));
  const options = `size=${sizeMb}m,mode=755`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]).status !== 0) {
    rmdirSync(directory);
    return null;
  }
  const ballast = join(directory, 'ballast');
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  };
  const close = (): void => {
    // Lazily, because a server that was killed may have a file open for a moment longer.
    spawnSync('umount', ['--lazy', directory]);
    rmSync(directory, { recursive: true, force: true });
    process.off('exit', close);
  };
  process.on('exit', close);
  return {
    directory,
    fill: (leaveBytes) => {
      const file = openSync(ballast, 'a');
      try {
        for (let left = freeBytes() - leaveBytes; left > 0; left = freeBytes() - leaveBytes)
          writeSync(file, chunk, 0, Math.min(chunk.length, left));
      } catch (error) {
        // Another process took the last bytes: the disk is full anyway.
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(file);
      }
    },
    relieve: () => rmSync(ballast, { force: true }),
    close,
  };
}
