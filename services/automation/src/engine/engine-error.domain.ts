/** Why an engine or a model gave nothing. */
export const engineFailures = [
  'unauthorised',
  'quota',
  'rate-limited',
  'language',
  'request',
  'declined',
  'unavailable',
  'timeout',
  'blocked-address',
  'rubbish',
] as const;
export type EngineFailure = (typeof engineFailures)[number];

/** Why nothing came of a call. */
export type CallFailure = EngineFailure | 'paused' | 'over-budget';

export class EngineError extends Error {
  override name = 'EngineError';
  readonly failure: EngineFailure;
  /** How long the engine wants to be left alone; null if it did not say. */
  readonly retryAfterMs: number | null;

  constructor(failure: EngineFailure, detail: string, retryAfterMs: number | null = null, options?: ErrorOptions) {
    super(`${failure}: ${detail}`, options);
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body if it is JSON; null for anything else. */
  readonly json: unknown;
}

/** Posts JSON, or a form for a body that is one. @throws EngineError when there is no answer */
export type Post = (request: HttpRequest) => Promise<HttpAnswer>;
