import { createHash } from 'node:crypto';
import type { Arm } from './outreach.domain.ts';

/** The arm of a person in an experiment: by a digest, so that it is the same on every machine and for ever. */
export function armOf(salt: string, customerId: string, holdOutShare: number): Arm {
  const digest = createHash('sha256').update(`${salt} ${customerId}`).digest();
  return digest.readUInt32BE(0) % 10_000 < holdOutShare ? 'hold-out' : 'message';
}
