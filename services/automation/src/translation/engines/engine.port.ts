import type { Post } from '../../engine/engine-error.domain.ts';
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

export interface Engine {
  readonly record: EngineRecord;
  /** The translations, one for each text. @throws EngineError */
  translate(post: Post, access: EngineAccess, request: EngineRequest): Promise<readonly string[]>;
}
