import type { ConversationId, TenantId } from '@crossdesk/contracts';
import {
  actorOf,
  type CommandCall,
  type Done,
  type Outcome,
  type Principal,
  changed,
  type ServiceRuntime,
  unchanged,
  withinLimits,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { accessOfAgents } from '../access/role.store.ts';
import { agentsByIds } from '../agent/agent.store.ts';
import { noConversation } from '../conversation/conversation.commands.ts';
import {
  conversationsByIds,
  keyText,
  lockConversation,
  lockConversations,
} from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { carryOutAction } from '../work-action/carry-out-action.ts';
import { nextItems, saveResults } from './bulk-item.store.ts';
import { advance, type BulkItem, type BulkJob, type ItemResult, withdraw } from './bulk-job.domain.ts';
import { bulkJobChanged } from './bulk-job.events.ts';
import { jobAggregate, lockJob, saveJob } from './bulk-job.store.ts';

export type ChunkDeps = Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'outbox' | 'commands' | 'log'>;

/** Rolls a transaction back in which everything was only tried. */
class Tried extends Error {
  override name = 'Tried';
  readonly results: readonly ItemResult[];
  constructor(results: readonly ItemResult[]) {
    super('tried');
    this.results = results;
  }
}

/**
 * Carries out the next items of a running job, in one transaction with how far it is: whoever dies in the middle has done
 * nothing, and whoever comes late finds the place where the job is now. Returns the job after it; null if it does not run
 * any more.
 */
export function doChunk(deps: ChunkDeps, { tenantId, id }: BulkJob, itemsMax: number): Promise<BulkJob | null> {
  return deps.db.asWorker(async (trx) => {
    const job = await lockJob(trx, tenantId, id);
    if (job?.state !== 'running') return null;
    const call = await callFor(trx, job);
    if (call === null) return saveChanged(deps, trx, withdraw(job, deps.clock.now()));
    const items = await nextItems(trx, job, itemsMax);
    // One entry of the audit chain for the chunk: entry by entry, a workspace would wait for its chain.
    const outcome = await deps.commands.carryOut(call, 'runBulkJob', () => doItems(deps, call, job, items));
    return settle(deps, trx, job, outcome.value);
  });
}

/** Tries the next items of a draft: everything is done and rolled back, so that the checks are the same. */
export async function tryChunk(deps: ChunkDeps, { tenantId, id }: BulkJob, itemsMax: number): Promise<BulkJob | null> {
  const tried = await rehearse(deps, tenantId, id, itemsMax);
  return deps.db.asWorker(async (trx) => {
    const job = await lockJob(trx, tenantId, id);
    if (job?.state !== 'draft') return null;
    if (tried === null) return saveChanged(deps, trx, withdraw(job, deps.clock.now()));
    // Another worker was faster.
    if (tried[0] !== undefined && tried[0].seq !== job.nextSeq) return job;
    return settle(deps, trx, job, tried);
  });
}

/** Writes off the next item, which no transaction can do or try. */
export function skipItem(deps: ChunkDeps, { tenantId, id, nextSeq, state }: BulkJob): Promise<BulkJob | null> {
  return deps.db.asWorker(async (trx) => {
    const job = await lockJob(trx, tenantId, id);
    if (job?.state !== state || job.nextSeq !== nextSeq) return null;
    return settle(deps, trx, job, [{ seq: nextSeq, outcome: 'refused', code: 'FAILED' }]);
  });
}

/** Null: whoever created the job may no longer run it. */
async function rehearse(
  deps: ChunkDeps,
  tenantId: TenantId,
  id: BulkJob['id'],
  itemsMax: number,
): Promise<readonly ItemResult[] | null> {
  try {
    await deps.db.asWorker(async (trx) => {
      const job = await lockJob(trx, tenantId, id);
      if (job?.state !== 'draft') throw new Tried([]);
      const call = await callFor(trx, job);
      if (call === null) return;
      throw new Tried((await doItems(deps, call, job, await nextItems(trx, job, itemsMax))).value);
    });
    return null;
  } catch (error) {
    if (error instanceof Tried) return error.results;
    throw error;
  }
}

/** Does the items in the transaction of the call. The audit chain learns of it if anything was done. */
async function doItems(
  deps: ChunkDeps,
  call: CommandCall<DB>,
  job: BulkJob,
  items: readonly BulkItem[],
): Promise<Done<ItemResult[]>> {
  const { tenantId } = job;
  const visible = await visibleTo(call.actor, deps, items);
  // All locks first, in the order of the ids, as batches of events take them.
  const locked = await lockConversations(
    call.trx,
    items.map(({ conversationId }) => ({ tenantId, id: conversationId })),
  );
  const results: ItemResult[] = [];
  for (const { seq, conversationId } of items) {
    const found = visible.has(conversationId) ? locked.get(keyText({ tenantId, id: conversationId })) : undefined;
    results.push({
      seq,
      ...resultOf(found === undefined ? noConversation : await doItem(deps, call, job, seq, found.id)),
    });
  }
  return results.some(({ outcome }) => outcome === 'done') ? changed(results, job.id) : unchanged(results);
}

/** The targets that whoever created the job sees now: a job does nothing that they could not do themselves. */
async function visibleTo(
  actor: Principal,
  { db }: ChunkDeps,
  items: readonly BulkItem[],
): Promise<ReadonlySet<ConversationId>> {
  const ids = items.map(({ conversationId }) => conversationId);
  if (!('access' in actor) || actor.access === undefined) return new Set(ids);
  const { tenantId } = actor;
  const seen = await withinLimits({ agentId: actor.agentId, access: actor.access }, () =>
    db.forTenant(tenantId, (trx) => conversationsByIds(trx, tenantId, ids)),
  );
  return new Set(seen.keys());
}

async function doItem(
  deps: ChunkDeps,
  call: CommandCall<DB>,
  job: BulkJob,
  seq: number,
  conversationId: BulkItem['conversationId'],
): Promise<Outcome<unknown, string>> {
  const conversation = await lockConversation(call.trx, { tenantId: job.tenantId, id: conversationId });
  if (conversation === null) return noConversation;
  const place = { conversation, clientMutationId: `bulk:${job.id}:${seq}`, isBulk: true };
  return carryOutAction(deps, call, place, job.action);
}

function resultOf(outcome: Outcome<unknown, string>): Omit<ItemResult, 'seq'> {
  if (!outcome.ok) return { outcome: 'refused', code: outcome.errors[0]?.code ?? 'REFUSED' };
  return { outcome: outcome.did === null ? 'unchanged' : 'done', code: null };
}

async function settle(
  deps: ChunkDeps,
  trx: Transaction<DB>,
  job: BulkJob,
  results: readonly ItemResult[],
): Promise<BulkJob> {
  await saveResults(trx, job, results);
  return saveChanged(deps, trx, advance(job, results, deps.clock.now()));
}

async function saveChanged({ outbox }: ChunkDeps, trx: Transaction<DB>, job: BulkJob): Promise<BulkJob> {
  await saveJob(trx, job);
  await outbox.append(trx, [bulkJobChanged(jobAggregate(job), job, originOf(job))]);
  return job;
}

/** Whoever created the job does it, as long as they work here and may; null otherwise. */
async function callFor(trx: Transaction<DB>, job: BulkJob): Promise<CommandCall<DB> | null> {
  const { tenantId, agentId } = job;
  const agent = (await agentsByIds(trx, tenantId, [agentId])).get(agentId);
  if (agent === undefined || !agent.isActive || agent.role === 'agent') return null;
  const access = (await accessOfAgents(trx, tenantId, [agentId])).get(agentId);
  if (access?.withheld?.includes('bulk') === true) return null;
  const acts = { tenantId, agentId, role: agent.role, ...(access === undefined ? {} : { access }) };
  const actor: Principal =
    agent.kind === 'token' ? { kind: 'api-token', ...acts } : { kind: 'agent', ...acts, authenticatedAtMs: 0 };
  return { trx, actor, origin: originOf(job) };
}

/** All events of a job have its id as their correlation. */
function originOf({ tenantId, agentId, id }: BulkJob): CommandCall<DB>['origin'] {
  const actor = actorOf({ kind: 'agent', tenantId, agentId, role: 'supervisor', authenticatedAtMs: 0 });
  return { actor, correlationId: id, causationId: null, causationDepth: 0, traceparent: null };
}
