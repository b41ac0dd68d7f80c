import type { WrittenCondition } from '@crossdesk/condition';
import { type AgentId, type CampaignId, newId, type SegmentId, type TenantId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { readCustomerCondition } from '../value/segment/customer-field.domain.ts';
import { readSegments } from '../value/segment/segment.store.ts';
import { onlyLeads } from '../value/stats/only-leads.ts';
import { type Campaign, type CampaignContent, refuseContent, type Step, take } from './campaign.domain.ts';
import { campaignFinished, campaignLaunched } from './campaign.events.ts';
import { lockCampaign, saveCampaign, tallyOf, wakeMessages } from './campaign.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Code = 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION';

export interface CampaignWish extends Omit<CampaignContent, 'condition'> {
  /** Null: a new one. */
  readonly campaignId: CampaignId | null;
  readonly expectedVersion: number | null;
  /** Null: the segment says who. */
  readonly condition: WrittenCondition | null;
}

/** Makes a campaign, or changes one that was not launched. */
export async function upsertCampaign(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  { campaignId, expectedVersion, condition: written, ...wish }: CampaignWish,
): Promise<Outcome<Campaign, Code>> {
  const by = leadIn(actor);
  if (by === null) return onlyLeads;
  const { tenantId } = actor;
  const condition = await conditionOf(trx, tenantId, { segmentId: wish.segmentId, written });
  if (!condition.ok) return condition;
  const content: CampaignContent = { ...wish, name: wish.name.trim(), condition: condition.value };
  const refusal = refuseContent(content);
  if (refusal !== null) return refusal;
  const before = campaignId === null ? null : await lockCampaign(trx, tenantId, campaignId);
  if (campaignId !== null && before === null) return noCampaign;
  if (before !== null && before.version !== expectedVersion)
    return refuse(
      'VERSION_CONFLICT',
      'expectedVersion',
      `The campaign is at version ${before.version} now: read it again, then decide again.`,
    );
  if (before !== null && before.state !== 'draft')
    return refuse('ILLEGAL_TRANSITION', 'campaignId', 'The campaign was launched: make another one.');
  const campaign: Campaign = {
    ...content,
    ...{ tenantId, id: before?.id ?? newId<CampaignId>(), state: 'draft', pauseReason: null, pausesItself: true },
    ...{ version: (before?.version ?? 0) + 1, updatedBy: by, updatedAt: clock.now() },
    ...{ launchedBy: null, launchedAt: null, finishedAt: null, lookAt: null, memberCount: 0 },
    ...{ frozenAfter: null, isFrozen: false, releasedAfter: null, isReleased: false },
  };
  await saveCampaign(trx, campaign);
  return changed(campaign, campaign.id);
}

export interface StepInput {
  readonly campaignId: CampaignId;
  readonly expectedVersion: number;
}

/** Launches, pauses, resumes or cancels a campaign. A launch freezes whom its segment means. */
export async function stepCampaign(
  { outbox, clock }: Deps,
  { trx, actor, origin }: CommandCall<DB>,
  step: Step,
  { campaignId, expectedVersion }: StepInput,
): Promise<Outcome<Campaign, Code>> {
  const by = leadIn(actor);
  if (by === null) return onlyLeads;
  const { tenantId } = actor;
  const before = await lockCampaign(trx, tenantId, campaignId);
  if (before === null) return noCampaign;
  const now = clock.now();
  const decision = take(step, before, { by, expectedVersion, now });
  if (!decision.ok) return decision;
  let after = decision.value;
  if (step === 'launch' && after.segmentId !== null) {
    const condition = await conditionOf(trx, tenantId, { segmentId: after.segmentId, written: null });
    if (!condition.ok) return condition;
    after = { ...after, condition: condition.value };
  }
  await saveCampaign(trx, after);
  if (step === 'resume' || step === 'cancel') await wakeMessages(trx, after, now);
  if (step === 'launch') await outbox.append(trx, [campaignLaunched(after, { by, at: now }, origin)]);
  if (step === 'cancel') await outbox.append(trx, [campaignFinished(after, await tallyOf(trx, after), origin)]);
  return changed(after, campaignId);
}

function leadIn(actor: CommandCall<DB>['actor']): AgentId | null {
  return 'role' in actor && actor.role !== 'agent' ? agentOf(actor) : null;
}

async function conditionOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { segmentId, written }: { readonly segmentId: SegmentId | null; readonly written: WrittenCondition | null },
): Promise<Decision<CampaignContent['condition'], 'INVALID_INPUT' | 'NOT_FOUND'>> {
  if ((segmentId === null) === (written === null))
    return refuse('INVALID_INPUT', 'segmentId', 'Say who is meant by a segment or by a condition, not both.');
  if (written !== null) return readCustomerCondition(written, ['input', 'condition']);
  const segment = (await readSegments(trx, tenantId)).find(({ id }) => id === segmentId);
  return segment === undefined
    ? refuse('NOT_FOUND', 'segmentId', 'There is no segment with this id: take one from segments.')
    : accept(segment.condition);
}

const noCampaign = refuse('NOT_FOUND', 'campaignId', 'There is no campaign with this id: take one from campaigns.');
