import type { TSchema, Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { EngineError, type EngineFailure, type HttpAnswer } from './engine-error.domain.ts';

/** What the status of an answer means; the engines agree on these. */
const failures: Readonly<Record<number, EngineFailure>> = {
  400: 'request',
  401: 'unauthorised',
  402: 'quota',
  403: 'unauthorised',
  404: 'request',
  408: 'timeout',
  413: 'request',
  429: 'rate-limited',
  456: 'quota',
};

/** @throws EngineError unless the status says that it worked. `meaning` knows more about some answers than the status */
export function expectDone(
  answer: HttpAnswer,
  meaning: (answer: HttpAnswer) => EngineFailure | null = () => null,
): void {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return;
  const failure = meaning(answer) ?? failures[status] ?? (status >= 500 ? 'unavailable' : 'request');
  throw new EngineError(failure, `status ${status}`, retryAfterMs(headers['retry-after']));
}

/** Seconds or a date, at most an hour. */
function retryAfterMs(value: string | undefined): number | null {
  if (value === undefined) return null;
  const ms = /^\d{1,6}$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), 3_600_000);
}

/** Decodes the body of an answer. @throws EngineError for a body of another shape */
export function bodyOf<Schema extends TSchema>(schema: Schema, { json }: HttpAnswer): Static<Schema> {
  if (Value.Check(schema, json)) return json;
  throw new EngineError('rubbish', 'the answer has another shape');
}
