import type { Violation } from '../checkers/checker.port.ts';
import { simulatePipeline } from './pipeline.model.ts';
import { simulateSender } from './sender.model.ts';
import { simulateTokens } from './tokens.model.ts';

export interface Model {
  readonly name: string;
  readonly run: (tape: readonly number[]) => readonly Violation[];
}

/** A platform that executes later than it says it can is beyond what reading back can tell: `latestExecutionMs` is its word. */
const latestExecutionMs = 3_000;

export const models: readonly Model[] = [
  ...(['keyed', 'readable', 'opaque'] as const).map((effectClass) => ({
    name: `sender-${effectClass}`,
    run: (tape: readonly number[]) => simulateSender({ effectClass, lateMsMax: latestExecutionMs }, tape),
  })),
  // A key is worth the same however late the platform executes.
  { name: 'sender-keyed-late', run: (tape) => simulateSender({ effectClass: 'keyed', lateMsMax: 60_000 }, tape) },
  { name: 'pipeline', run: simulatePipeline },
  { name: 'tokens', run: simulateTokens },
];
