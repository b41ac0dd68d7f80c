import getPort from 'get-port';
import { randomInt } from 'node:crypto';

/**
 * Ports that nobody uses. Systems lend those above 32,767 to outgoing connections (IANA, Linux): a port of theirs would be
 * gone while a process that is killed is away.
 */
export async function freePorts(count: number): Promise<number[]> {
  const candidates = (): number[] => Array.from({ length: 20 }, () => randomInt(10_000, 32_768));
  return Promise.all(Array.from({ length: count }, () => getPort({ port: candidates() })));
}
