import type { AddressInfo } from 'node:net';
import type { Context } from '../platform.port.ts';

const loopback = '127.0.0.1';

/** Where the mail servers listen: on this machine only, unless the twin has an address for others. */
export function hostOf(context: Context): string {
  return new URL(context.origin()).hostname === loopback ? loopback : '0.0.0.0';
}

/** The port of a server that listens; 0 before. */
export function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
