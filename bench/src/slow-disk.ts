import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const source = join(import.meta.dirname, 'slow-sync.c');
const looks = 200;
const blockBytes = 8_192;

/** How long a sync takes after a write to a folder's disk, in milliseconds: the median of many. */
export function syncMsOf(directory: string): number {
  const path = join(directory, 'sync-probe');
  const file = openSync(path, 'w');
  const tookMs = Array.from({ length: looks }, () => {
    writeSync(file, Buffer.alloc(blockBytes, 1));
    const startedAt = performance.now();
    fdatasyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  rmSync(path);
  return tookMs.sort((a, b) => a - b)[looks / 2] ?? 0;
}

/**
 * The environment that makes a Postgres sync its log this much slower. Linux with a C compiler only.
 * @throws Error when there is none
 */
export function slowDiskEnvironment(directory: string, slowerByMs: number): Record<string, string> {
  const library = join(directory, 'slow-sync.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl']);
  return { LD_PRELOAD: library, SLOW_SYNC_US: String(slowerByMs * 1_000) };
}
