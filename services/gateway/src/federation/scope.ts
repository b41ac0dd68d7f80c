import type { Logger, RequestContext } from '@crossdesk/service-kit';

/** The data that one operation carries through the executor. */
export interface GatewayScope {
  readonly context: RequestContext;
  readonly log: Logger;
  readonly isMutation: boolean;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/** Apollo's type for the context of an operation allows anything; only `execute` makes one. */
export function isGatewayScope(value: object): value is GatewayScope {
  return 'context' in value && 'signal' in value && value.signal instanceof AbortSignal;
}
