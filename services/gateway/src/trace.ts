import { randomBytes } from 'node:crypto';
import { traceIdOf } from '@crossdesk/service-kit';

/** Continues the client's trace with a span of our own, or starts a new trace. */
export function continueTrace(traceparent: string | undefined): string {
  const given = traceparent === undefined ? null : traceIdOf(traceparent);
  const isUsable = given !== null && !/^0+$/.test(given);
  const flags = isUsable ? (traceparent ?? '').slice(-2) : '01';
  return `00-${isUsable ? given : randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-${flags}`;
}
