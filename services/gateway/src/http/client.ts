import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';

/** The address a request comes from; headers about it are believed only from the proxies named. */
export function createAddressReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (request) => proxyAddr(request, isTrusted);
}

export interface OriginRules {
  /** Other sites whose pages may use this API, exactly as browsers spell them. */
  readonly corsOrigins: readonly string[];
}

/** Programs send no Origin; pages may come from here or from a site on the list. */
export function isAllowedOrigin(request: IncomingMessage, { corsOrigins }: OriginRules): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || corsOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
