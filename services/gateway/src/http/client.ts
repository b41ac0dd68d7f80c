import type { IncomingMessage } from 'node:http';

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
