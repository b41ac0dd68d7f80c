import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '@crossdesk/service-kit';

export interface ConnectionLimits {
  /** Open connections of one address. */
  readonly perAddressMax: number;
  /** Whether an address passes on the requests of others: whoever does that limits them itself. */
  isExempt(address: string): boolean;
}

/**
 * Closes connections beyond the limit of their address before anything is read, so that one address cannot take the
 * connections of all others, nor those of the health probes.
 */
export function limitConnections(server: Server, { perAddressMax, isExempt }: ConnectionLimits): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isExempt(address)) return;
    const network = networkOf(address);
    const count = (counts.get(network) ?? 0) + 1;
    if (count > perAddressMax) return void socket.destroy();
    counts.set(network, count);
    socket.once('close', () => {
      const left = (counts.get(network) ?? 1) - 1;
      if (left === 0) counts.delete(network);
      else counts.set(network, left);
    });
  });
}
