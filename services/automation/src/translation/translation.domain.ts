import type { CallFailure } from '../engine/engine-error.domain.ts';
import type { EngineKind } from './engines/engine.port.ts';
import type { Finding } from './text/verify.domain.ts';

export interface TextToTranslate {
  readonly text: string;
  /** BCP 47. */
  readonly source: string;
  readonly target: string;
}

/** Why an engine of the workspace did not give the translation. */
export interface Attempt {
  readonly provider: string;
  readonly failure: CallFailure | 'damaged';
}

export const translationStates = ['translated', 'doubtful', 'not-needed', 'none'] as const;
export type TranslationState = (typeof translationStates)[number];

export interface Translation {
  readonly state: TranslationState;
  /** Null if the state is `none`. */
  readonly text: string | null;
  readonly engine: EngineKind | 'memory' | null;
  readonly findings: readonly Finding[];
  readonly attempts: readonly Attempt[];
}
