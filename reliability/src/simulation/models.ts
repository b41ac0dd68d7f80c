import type { Violation } from '../checkers/checker.port.ts';
import { simulatePipeline } from './pipeline.model.ts';
import { simulateSender } from './sender.model.ts';
import { simulateTokens } from './tokens.model.ts';

export interface Model {
  readonly name: string;
  readonly run: (tape: readonly number[]) => readonly Violation[];
}

/** The latest execution that the platform promises. When it executes later than that, reading back cannot tell. */
const latestExecutionMs = 3_000;

export const models: readonly Model[] = [
  ...(['keyed', 'readable', 'opaque'] as const).map((effectClass) => ({
    name: `sender-${effectClass}`,
    run: (tape: readonly number[]) => simulateSender({ effectClass, lateMsMax: latestExecutionMs }, tape),
  })),
  // A key protects however late the platform executes.
  { name: 'sender-keyed-late', run: (tape) => simulateSender({ effectClass: 'keyed', lateMsMax: 60_000 }, tape) },
  { name: 'pipeline', run: simulatePipeline },
  { name: 'tokens', run: simulateTokens },
];
