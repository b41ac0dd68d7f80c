import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../caller/client-address.ts';

export interface ConnectionLimits {
  /** Open connections of one address. */
  readonly perAddressMax: number;
  /** Open connections of all addresses. */
  readonly max: number;
  /** Whether an address passes on the requests of others: whoever does that limits them itself. */
  isExempt(address: string): boolean;
}

/**
 * Closes connections beyond the limit of their address before anything is read. When all places are taken, the address
 * that holds most of them loses one to the newcomer, so that a few addresses cannot keep the others out.
 */
export function limitConnections(server: Server, { perAddressMax, max, isExempt }: ConnectionLimits): void {
  const open = new Map<string, Set<Socket>>();
  let count = 0;

  function fullest(): ReadonlySet<Socket> {
    let found: ReadonlySet<Socket> = new Set();
    for (const sockets of open.values()) if (sockets.size > found.size) found = sockets;
    return found;
  }

  function makeRoom(own: number): boolean {
    const sockets = fullest();
    if (sockets.size <= own + 1) return false;
    const [oldest] = sockets;
    const silent = [...sockets].find((socket) => socket.bytesRead === 0);
    (silent ?? oldest)?.destroy();
    return true;
  }

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const network = isExempt(address) ? null : networkOf(address);
    const own = network === null ? new Set<Socket>() : (open.get(network) ?? new Set());
    if (own.size >= perAddressMax || (count >= max && !makeRoom(own.size))) return void socket.destroy();
    count += 1;
    own.add(socket);
    if (network !== null) open.set(network, own);
    socket.once('close', () => {
      count -= 1;
      own.delete(socket);
      if (network !== null && own.size === 0) open.delete(network);
    });
  });
}
