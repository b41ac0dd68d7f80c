import { createHash } from 'node:crypto';

/** The partition of a key: the same on every machine and at every start. */
export function partitionOf(key: string, partitions: number): number {
  return createHash('md5').update(key).digest().readUInt32BE(0) % partitions;
}
