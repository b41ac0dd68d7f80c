import { AsyncLocalStorage } from 'node:async_hooks';
import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';

export type Logger = PinoLogger;

interface LogScope {
  readonly tenantId?: string;
  readonly traceId?: string;
  readonly requestId?: string;
}

const scopes = new AsyncLocalStorage<LogScope>();

/** Runs work whose log lines all carry these ids. */
export function withLogScope<Result>(scope: LogScope, work: () => Result): Result {
  return scopes.run(scope, work);
}

/** The 32-digit trace id of a W3C traceparent; null when it is malformed. */
export function traceIdOf(traceparent: string): string | null {
  return /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1] ?? null;
}

/** Customer text, tokens and raw payloads have no business in a log; should one slip in by these names, it is cut out. */
const redacted = ['authorization', 'password', 'secret', 'credentials', 'accessToken', 'token', 'text', 'body', 'rawBody', 'phone', 'email'];

/** What is worth knowing of an error: drivers hang whole connections and parameters on theirs. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: 'not an error' };
  const { name, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  return { name, message, ...(code === undefined ? {} : { code }), stack, ...(cause === undefined ? {} : { cause: errorFields(cause) }) };
}

/** One JSON line per event on stdout (or where `destination` says), with service, tenant, trace and request ids. */
export function createLog(service: string | null, level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: service === null ? {} : { service },
    serializers: { err: errorFields },
    timestamp: stdTimeFunctions.isoTime,
    mixin: () => scopes.getStore() ?? {},
    redact: { paths: redacted.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
