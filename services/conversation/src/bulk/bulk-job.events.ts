import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import { type BulkJob, countsOf, sumOf } from './bulk-job.domain.ts';

/** How far a job is: numbers, and nothing of what it says. */
export function bulkJobChanged(
  aggregate: LockedAggregate,
  job: BulkJob,
  origin: Origin,
): EventDraft<'conversation.bulk-job-changed'> {
  const refused = countsOf(job.settled).filter(({ outcome }) => outcome === 'refused');
  return {
    aggregate,
    type: 'conversation.bulk-job-changed',
    origin,
    data: {
      jobId: job.id,
      agentId: job.agentId,
      action: job.action.kind,
      state: job.state,
      targetCount: job.targetCount,
      checkedCount: sumOf(job.expected),
      settledCount: sumOf(job.settled),
      refusedCount: refused.reduce((sum, { count }) => sum + count, 0),
    },
  };
}
