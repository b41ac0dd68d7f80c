import { randomBytes } from 'node:crypto';
import { newId } from '@crossdesk/contracts';
import { type RequestContext, traceIdOf } from '@crossdesk/service-kit';

/** The trace context a client sent, unless it is malformed. */
export function givenTrace(traceparent: string | string[] | undefined): string | null {
  if (typeof traceparent !== 'string') return null;
  const traceId = traceIdOf(traceparent);
  return traceId === null || /^0+$/.test(traceId) ? null : traceparent;
}

/** A new context for a request that is not traced, so that its log lines share an id. Its flags say: not sampled. */
export function untraced(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}

/** The context of a question that the gateway asks for itself, for no caller. */
export function ownContext(): RequestContext {
  return {
    caller: { kind: 'anonymous' },
    requestId: newId(),
    traceparent: untraced(),
    clientAddress: '',
    userAgent: '',
  };
}
