import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';

/** Whether a connection of this address may carry the requests of many: a listed proxy, or a program of this machine. */
export function createForwarderCheck(trustedProxies: readonly string[]): (address: string) => boolean {
  const isTrusted = proxyAddr.compile(['loopback', ...trustedProxies]);
  return (address) => isTrusted(address, 0);
}

/** The client's address; headers about it count only when a listed proxy sent them. */
export function createAddressReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (request) => proxyAddr(request, isTrusted);
}

export interface OriginRules {
  /** Other sites whose pages may use this API, exactly as browsers spell them. */
  readonly corsOrigins: readonly string[];
}

/**
 * Programs send no Origin; pages must come from this host, from a site on the list, or from the machine of a developer,
 * whose server passes the socket on under another host. Browsers send no token by themselves, so a page without one
 * gets nothing.
 */
export function isAllowedOrigin(request: IncomingMessage, { corsOrigins }: OriginRules): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || corsOrigins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host || ['localhost', '127.0.0.1', '[::1]'].includes(page.hostname);
}
