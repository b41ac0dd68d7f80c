import { createHash } from 'node:crypto';
import type { TraceEntry } from './evaluate.domain.ts';

/** Two evaluations of one rule set with the same hash had the same outcome for every rule. */
export function traceHash(trace: readonly TraceEntry[]): string {
  const outcomes = trace.map((entry) => (entry.outcome === 'skipped' ? entry.reason : entry.outcome));
  return createHash('sha256').update(outcomes.join()).digest('hex').slice(0, 32);
}
