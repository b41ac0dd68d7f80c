import type { EngineFailure } from '../../engine/engine-error.domain.ts';
import type { Attempt } from '../translation.domain.ts';

/** Whether messages of buyers are translated: never, when a person asks for it, or all of them. */
export const translationModes = ['off', 'on-demand', 'automatic'] as const;
export type TranslationMode = (typeof translationModes)[number];

export const messageTranslationStates = ['waiting', 'queued', 'translated', 'doubtful', 'not-needed', 'none'] as const;
export type MessageTranslationState = (typeof messageTranslationStates)[number];

const pausesMs = [10_000, 60_000, 600_000];

/** Failures that may be over a while later. */
const passing = new Set<EngineFailure | Attempt['failure']>([
  'rate-limited',
  'unavailable',
  'timeout',
  'paused',
  'rubbish',
]);

/** How long to wait before a message without a translation is tried again; null: it is given up. */
export function pauseBefore(tries: number, attempts: readonly Attempt[]): number | null {
  if (!attempts.some(({ failure }) => passing.has(failure))) return null;
  return pausesMs[tries - 1] ?? null;
}
