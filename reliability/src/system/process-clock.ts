import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The clock of a supervised process, apart from that of the machine; it can be set while the process runs. */
export interface ProcessClock {
  /** What the process is started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** From now on the process reads a time so far from the true one; it notices within `noticedWithinMs`. */
  set(aheadSeconds: number): void;
}

/** Below the 300 s after which a signature is too old: beyond them webhooks and calls are refused, as they must be. */
export const stepSecondsMax = 240;
/** How long libfaketime goes on with what it last read of its file. */
const readAgainSeconds = 1;
export const noticedWithinMs = readAgainSeconds * 1_000 + 500;

export const howToGetClock = 'libfaketime is not here: apt-get install faketime';

/** Debian's libfaketime, for programs with threads; null where it is not installed. */
export function findFaketime(root = '/usr/lib'): string | null {
  if (!existsSync(root)) return null;
  const found = readdirSync(root)
    .map((triplet) => join(root, triplet, 'faketime', 'libfaketimeMT.so.1'))
    .find((file) => existsSync(file));
  return found ?? null;
}

export function openProcessClock(library: string, directory: string): ProcessClock {
  const file = join(directory, 'clock');
  const set = (aheadSeconds: number): void => {
    // Never half written: the process would read nonsense and go on with true time.
    writeFileSync(`${file}.next`, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}\n`);
    renameSync(`${file}.next`, file);
  };
  set(0);
  return {
    set,
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: String(readAgainSeconds),
      // Durations and timers are not a matter of what time it is; nor are the times of files.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
      FAKETIME_DISABLE_SHM: '1',
    },
  };
}
