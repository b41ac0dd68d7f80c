import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Thrown when the server cannot be started; the message is one line that says what to do. */
export class LocalPostgresError extends Error {
  override name = 'LocalPostgresError';
}

export function damaged(data: string, reason: string): LocalPostgresError {
  return new LocalPostgresError(
    `the data folder ${data} cannot be used (${reason}): restore it from a backup, or move it away to start with an empty one`,
  );
}

/** Names the disk of a folder, the space it lacks, and what to do. */
export function diskFull(folder: string, what: string, neededBytes: number, wayOut: string): LocalPostgresError {
  const needed = `${what} in ${folder} takes about ${inMb(neededBytes)}, ${inMb(freeBytes(folder))} are free`;
  return new LocalPostgresError(`the disk at ${mountOf(folder)} is full: ${needed}; free some space, or ${wayOut}`);
}

export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** The topmost folder on the same disk. */
function mountOf(folder: string): string {
  const above = dirname(folder);
  return above === folder || statSync(above).dev !== statSync(folder).dev ? folder : mountOf(above);
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}
