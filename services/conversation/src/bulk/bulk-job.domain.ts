import type { AgentId, BulkJobId, ConversationId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import type { WorkAction } from '../work-action/work-action.domain.ts';

export const bulkJobStates = ['draft', 'ready', 'running', 'paused', 'done', 'cancelled'] as const;
export type BulkJobState = (typeof bulkJobStates)[number];

export const bulkOutcomes = ['done', 'unchanged', 'refused'] as const;
export type BulkOutcome = (typeof bulkOutcomes)[number];

export const bulkControls = ['start', 'pause', 'resume', 'cancel'] as const;
export type BulkControl = (typeof bulkControls)[number];

/** How many items came to what, by `outcome` or `outcome CODE`. */
export type Tally = Readonly<Record<string, number>>;

/** One action for many conversations. */
export interface BulkJob {
  readonly tenantId: TenantId;
  readonly id: BulkJobId;
  readonly action: WorkAction;
  readonly state: BulkJobState;
  readonly agentId: AgentId;
  readonly targetCount: number;
  /** The item to go on with. */
  readonly nextSeq: number;
  /** What trying showed. */
  readonly expected: Tally;
  /** What was done. */
  readonly settled: Tally;
  readonly problem: string | null;
  readonly dueAt: Date | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly version: number;
}

/** A target. */
export interface BulkItem {
  readonly seq: number;
  readonly conversationId: ConversationId;
}

/** What an action came to, or would come to, in one conversation. */
export interface ItemResult {
  readonly seq: number;
  readonly outcome: BulkOutcome;
  /** Why it was refused. */
  readonly code: string | null;
}

export const targetsMax = 50_000;
const leaseMs = 20_000;

/** Refuses a job without targets or with too many. */
export function refuseTargets(count: number): Decision<never, 'INVALID_INPUT'> | null {
  if (count === 0) return refuse('INVALID_INPUT', null, 'There is no such conversation: choose at least one.');
  if (count <= targetsMax) return null;
  return refuse('INVALID_INPUT', null, `More than ${targetsMax} conversations match: narrow the filter.`);
}

export function newJob(
  wanted: Pick<BulkJob, 'tenantId' | 'id' | 'action' | 'agentId' | 'targetCount'>,
  now: Date,
): BulkJob {
  return {
    ...wanted,
    state: 'draft',
    nextSeq: 1,
    expected: {},
    settled: {},
    problem: null,
    dueAt: now,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    version: 1,
  };
}

/** Where a job stands, and what may be done with it. */
const stands: Readonly<Record<BulkJobState, string>> = {
  draft:
    'It is still being found out what the job would do: START it at once, or wait until it is READY, or CANCEL it.',
  ready: 'The job has not begun: START or CANCEL it.',
  running: 'The job runs already: PAUSE or CANCEL it.',
  paused: 'The job is paused: RESUME or CANCEL it.',
  done: 'The job is done: look at its items, and create another job for what is left.',
  cancelled: 'The job is cancelled: create another one for what is left.',
};

const allowed: Readonly<Record<BulkControl, { from: readonly BulkJobState[]; to: BulkJobState }>> = {
  start: { from: ['draft', 'ready'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['draft', 'ready', 'running', 'paused'], to: 'cancelled' },
};

/** The job after somebody started, paused, resumed or cancelled it; what is so already stays as it is. */
export function control(job: BulkJob, wanted: BulkControl, now: Date): Decision<BulkJob, 'ILLEGAL_TRANSITION'> {
  const { from, to } = allowed[wanted];
  if (job.state === to) return accept(job);
  if (!from.includes(job.state)) {
    return refuse('ILLEGAL_TRANSITION', 'action', `${stands[job.state]} ${wanted.toUpperCase()} does nothing here.`);
  }
  const isStarted = wanted === 'start';
  return accept({
    ...job,
    state: to,
    nextSeq: isStarted ? 1 : job.nextSeq,
    dueAt: to === 'running' ? now : null,
    startedAt: isStarted ? now : job.startedAt,
    finishedAt: to === 'cancelled' ? now : null,
    version: job.version + 1,
  });
}

/** The job after some of its targets were tried or done; after the last one it is ready or done. */
export function advance(job: BulkJob, results: readonly ItemResult[], now: Date): BulkJob {
  const tally = job.state === 'draft' ? 'expected' : 'settled';
  const nextSeq = (results.at(-1)?.seq ?? job.targetCount) + 1;
  const isOver = nextSeq > job.targetCount;
  const after = job.state === 'draft' ? 'ready' : 'done';
  return {
    ...job,
    [tally]: added(job[tally], results),
    nextSeq,
    state: isOver ? after : job.state,
    dueAt: isOver ? null : leaseEnd(now),
    finishedAt: isOver && after === 'done' ? now : null,
    version: job.version + 1,
  };
}

/** The job of somebody who no longer may: the rest is not done. */
export function withdraw(job: BulkJob, now: Date): BulkJob {
  const problem = 'Whoever created it may no longer run it.';
  return { ...job, state: 'cancelled', problem, dueAt: null, finishedAt: now, version: job.version + 1 };
}

export function leaseEnd(now: Date): Date {
  return new Date(now.getTime() + leaseMs);
}

function added(tally: Tally, results: readonly ItemResult[]): Tally {
  const sums = new Map(Object.entries(tally));
  for (const { outcome, code } of results) {
    const key = code === null ? outcome : `${outcome} ${code}`;
    sums.set(key, (sums.get(key) ?? 0) + 1);
  }
  return Object.fromEntries(sums);
}

export function sumOf(tally: Tally): number {
  return Object.values(tally).reduce((sum, count) => sum + count, 0);
}

export interface BulkCount {
  readonly outcome: BulkOutcome;
  readonly code: string | null;
  readonly count: number;
}

/** The counts of a tally, the highest first. */
export function countsOf(tally: Tally): BulkCount[] {
  return Object.entries(tally)
    .flatMap(([key, count]) => {
      const [word, code = null] = key.split(' ');
      const outcome = bulkOutcomes.find((one) => one === word);
      return outcome === undefined ? [] : [{ outcome, code, count }];
    })
    .sort((a, b) => b.count - a.count);
}
