import type { MaskStyle } from '../text/mask.domain.ts';

/** The kinds of engines that a workspace can connect. */
export const engineKinds = ['deepl', 'google-v2', 'google-v3', 'azure', 'libretranslate', 'openai-compatible'] as const;
export type EngineKind = (typeof engineKinds)[number];

/** What an engine can do, and what it needs. */
export interface EngineRecord {
  readonly kind: EngineKind;
  /** The address of the service; null for one that everybody runs at an address of their own. */
  readonly baseUrl: string | null;
  readonly needs: { readonly apiKey: boolean; readonly region: boolean; readonly model: boolean };
  /** How spans are hidden from it, the best way first. */
  readonly masks: readonly [MaskStyle, MaskStyle];
  readonly textsPerCallMax: number;
  readonly charactersPerCallMax: number;
}

/** A connected engine, with its key opened. */
export interface EngineAccess {
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly region: string | null;
  readonly model: string | null;
}

export interface EngineRequest {
  /** Masked in `style`. */
  readonly texts: readonly string[];
  readonly style: MaskStyle;
  /** BCP 47. */
  readonly source: string;
  readonly target: string;
}

/** Why an engine gave no translation. */
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
  /** The body if it is JSON; null for anything else. */
  readonly json: unknown;
}

/** Posts JSON, or a form for a body that is one. @throws EngineError when there is no answer */
export type Post = (request: HttpRequest) => Promise<HttpAnswer>;

export interface Engine {
  readonly record: EngineRecord;
  /** The translations, one for each text. @throws EngineError */
  translate(post: Post, access: EngineAccess, request: EngineRequest): Promise<readonly string[]>;
}
