import { AsyncLocalStorage } from 'node:async_hooks';
import { type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';

export type Logger = PinoLogger;

/** Ids that every log line of some work contains. */
export interface LogScope {
  readonly tenantId?: string;
  readonly traceId?: string;
  readonly requestId?: string;
}

const scopes = new AsyncLocalStorage<LogScope>();

/** Runs work whose log lines all contain these ids. */
export function withLogScope<Result>(scope: LogScope, work: () => Result): Result {
  return scopes.run(scope, work);
}

/** The 32-digit trace id of a W3C traceparent; null when it is malformed. */
export function traceIdOf(traceparent: string): string | null {
  return /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1] ?? null;
}

/**
 * Customer text, tokens and raw payloads must not be logged. A field with one of these names is redacted at any depth
 * and in any spelling.
 */
const secretNames = [
  ...['authorization', 'password', 'secret', 'credentials', 'token', 'accessToken', 'refreshToken', 'cookie'],
  ...['keys', 'master', 'CROSSDESK_KEYS', 'CROSSDESK_SECRET', 'CROSSDESK_SECRET_PREVIOUS', 'databaseUrl'],
  ...['text', 'body', 'rawBody', 'phone', 'email'],
];
const secretWords = new Set(secretNames.map(spelling));
const censor = '[redacted]';
const depthMax = 6;

function spelling(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}

/** The useful part of an error: drivers attach whole connections and parameters to theirs. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: 'not an error' };
  const { name, message, stack, cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    stack,
    ...(cause === undefined ? {} : { cause: errorFields(cause) }),
  };
}

function redact(fields: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactField(name, value, depth)]));
}

function redactField(name: string, value: unknown, depth: number): unknown {
  if (secretWords.has(spelling(name))) return censor;
  if (name === 'err' || value instanceof Error) return errorFields(value);
  if (typeof value !== 'object' || value === null) return value;
  // Keys and what strangers sent.
  if (ArrayBuffer.isView(value)) return censor;
  if (Array.isArray(value))
    return depth === depthMax ? '[too deep]' : value.map((item) => redactField('', item, depth + 1));
  // Requests, dates and the like have serializers of their own.
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) return value;
  return depth === depthMax ? '[too deep]' : redact(value, depth + 1);
}

/** One JSON line per event on stdout (or where `destination` says), with service, tenant, trace and request ids. */
export function createLog(service: string | null, level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: service === null ? {} : { service },
    timestamp: stdTimeFunctions.isoTime,
    mixin: () => scopes.getStore() ?? {},
    formatters: { log: (fields: object) => redact(fields) },
    // The fields of a child logger do not pass the formatter.
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor },
    // Errors already have their final form here.
    serializers: { err: (fields: unknown) => fields },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** The log of a process; its first line names variables that have no effect. */
export function openProcessLog(
  service: string,
  { logLevel, unknownVariables }: { readonly logLevel: string; readonly unknownVariables: readonly string[] },
): Logger {
  const log = createLog(service, logLevel);
  if (unknownVariables.length > 0) log.warn({ unknownVariables }, 'variables that this process does not know');
  return log;
}
