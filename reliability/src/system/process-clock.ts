import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A clock for supervised processes that can be set while they run. */
export interface ProcessClock {
  /** The environment of a process that reads this clock. */
  readonly environment: Readonly<Record<string, string>>;
  /** Sets how far the clock is ahead; processes notice within `noticedWithinMs`. */
  set(aheadSeconds: number): void;
}

/** Less than the 300 s after which a signature is too old: with more, webhooks and calls would be refused, as they must be. */
export const stepSecondsMax = 240;
/** How often libfaketime reads its file. */
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
    // A rename, so that the process never reads half a file; it would go on with the right time then.
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
      // Durations, timers and the times of files stay as they are.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
      FAKETIME_DISABLE_SHM: '1',
    },
  };
}
