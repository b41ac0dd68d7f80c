import { type BulkJobId, type ConversationId, newId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  liftLimits,
  makeOnce,
  type Outcome,
  refuse,
  unchanged,
} from '@crossdesk/service-kit';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import { type ConversationFilter, conversationIds } from '../conversation/conversation-list.store.ts';
import type { DB } from '../db.ts';
import { readAction, type WishedAction } from '../work-action/work-action.domain.ts';
import { type BulkControl, type BulkJob, control, newJob, refuseTargets, targetsMax } from './bulk-job.domain.ts';
import { bulkJobChanged } from './bulk-job.events.ts';
import { insertJob, jobAggregate, jobsByIds, lockJob, saveJob } from './bulk-job.store.ts';

export interface BulkJobInput {
  readonly clientMutationId: string;
  readonly action: WishedAction;
  /** The conversations, or those that match now; null: both or neither were given. */
  readonly targets: readonly ConversationId[] | ConversationFilter | null;
}

type Refusal = 'CLIENT_ID_REUSED' | 'FORBIDDEN' | 'INVALID_INPUT';

/** Writes down which conversations are meant, and lets a worker find out what would become of each. */
export async function createBulkJob(
  deps: CommandDeps,
  call: CommandCall<DB>,
  { clientMutationId, action: wished, targets }: BulkJobInput,
): Promise<Outcome<BulkJob, Refusal>> {
  const { trx, actor, origin } = call;
  const { tenantId } = actor;
  return makeOnce<DB, BulkJob, Refusal>(
    call,
    { kind: 'bulk-job', clientMutationId, content: [JSON.stringify(wished), JSON.stringify(targets)] },
    {
      find: async (id) => (await jobsByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const agentId = agentOf(actor);
        if (agentId === null) return refuse('FORBIDDEN', null, 'A job runs in the name of a person: sign in for it.');
        const action = readAction(wished, 'action');
        if (!action.ok) return action;
        if (targets === null) return refuse('INVALID_INPUT', null, 'Give either conversationIds or a filter.');
        const ids = await idsOf(call, targets);
        const refusal = refuseTargets(ids.length);
        if (refusal !== null) return refusal;
        const wanted = { tenantId, id: newId<BulkJobId>(), agentId, action: action.value, targetCount: ids.length };
        const made = newJob(wanted, deps.clock.now());
        const record = async () => {
          // A target that they do not see is written down like one that is not there, and refused later.
          await liftLimits(trx);
          await insertJob(trx, made, ids);
          await deps.outbox.append(trx, [bulkJobChanged(jobAggregate(made), made, origin)]);
        };
        return accept({ made, record });
      },
    },
  );
}

/** One more than a job may have, if there are so many. */
async function idsOf(
  { trx, actor }: CommandCall<DB>,
  targets: readonly ConversationId[] | ConversationFilter,
): Promise<readonly ConversationId[]> {
  if ('states' in targets) return conversationIds(trx, actor.tenantId, targets, targetsMax + 1);
  return [...new Set(targets)];
}

/** Starts, pauses, resumes or cancels a job. */
export async function controlBulkJob(
  { clock, outbox }: CommandDeps,
  { trx, actor, origin }: CommandCall<DB>,
  { jobId, action }: { readonly jobId: BulkJobId; readonly action: BulkControl },
): Promise<Outcome<BulkJob, 'NOT_FOUND' | 'ILLEGAL_TRANSITION'>> {
  const locked = await lockJob(trx, actor.tenantId, jobId);
  if (locked === null) return refuse('NOT_FOUND', 'jobId', 'There is no job with this id: take one from bulkJobs.');
  const decision = control(locked, action, clock.now());
  if (!decision.ok) return decision;
  const job = decision.value;
  if (job === locked) return unchanged(job);
  await saveJob(trx, job);
  await outbox.append(trx, [bulkJobChanged(jobAggregate(job), job, origin)]);
  return changed(job, job.id);
}
