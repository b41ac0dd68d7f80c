import type { AgentId, CampaignId, ChannelAccountId, CustomerId, SegmentId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import type { Purpose } from '../consent/consent.domain.ts';
import { type LocalText, refuseTexts } from '../outreach/outreach.domain.ts';
import type { CustomerCondition } from '../value/segment/customer-field.domain.ts';

export type CampaignState = 'draft' | 'running' | 'paused' | 'finished' | 'cancelled';

/** What a campaign says, and to whom. */
export interface CampaignContent {
  readonly name: string;
  readonly purpose: Purpose;
  /** The segment that the condition is taken from at the launch; null: the condition is its own. */
  readonly segmentId: SegmentId | null;
  readonly condition: CustomerCondition;
  /** Only on threads of this store; null: on the latest of each customer. */
  readonly accountId: ChannelAccountId | null;
  readonly texts: readonly LocalText[];
  /** In ten thousandths. */
  readonly holdOutShare: number;
  /** How long after it was planned a message may still go out. */
  readonly validHours: number;
}

/** One message for many customers. */
export interface Campaign extends CampaignContent {
  readonly tenantId: TenantId;
  readonly id: CampaignId;
  readonly state: CampaignState;
  /** Why it paused by itself; null: it did not. */
  readonly pauseReason: string | null;
  /** Whether failures pause it; not again after somebody has looked at them and let it go on. */
  readonly pausesItself: boolean;
  readonly version: number;
  readonly updatedBy: AgentId;
  readonly updatedAt: Date;
  readonly launchedBy: AgentId | null;
  readonly launchedAt: Date | null;
  readonly finishedAt: Date | null;
  /** How far its job is. */
  readonly frozenAfter: CustomerId | null;
  readonly isFrozen: boolean;
  readonly releasedAfter: CustomerId | null;
  readonly isReleased: boolean;
  readonly memberCount: number;
  /** When the job looks at it next; null: not. */
  readonly lookAt: Date | null;
}

const nameCharactersMax = 80;
const holdOutShareMax = 5_000;
const validHoursMax = 720;

/** Refuses a content that could not be sent. */
export function refuseContent({ name, texts, holdOutShare, validHours }: CampaignContent) {
  if (name === '' || name.length > nameCharactersMax)
    return refuse('INVALID_INPUT', 'name', `Write a name of 1 to ${nameCharactersMax} characters.`);
  if (holdOutShare < 0 || holdOutShare > holdOutShareMax)
    return refuse('INVALID_INPUT', 'holdOutShare', `Hold out 0 to ${holdOutShareMax} of ten thousand customers.`);
  if (validHours < 1 || validHours > validHoursMax)
    return refuse('INVALID_INPUT', 'validHours', `Let messages go out within 1 to ${validHoursMax} hours.`);
  return refuseTexts('campaign', texts);
}

export type Step = 'launch' | 'pause' | 'resume' | 'cancel';

const from: Readonly<Record<Step, readonly CampaignState[]>> = {
  launch: ['draft'],
  pause: ['running'],
  resume: ['paused'],
  cancel: ['draft', 'running', 'paused'],
};

/** The campaign after a step of a person, at a time. */
export function take(
  step: Step,
  campaign: Campaign,
  { by, expectedVersion, now }: { readonly by: AgentId; readonly expectedVersion: number; readonly now: Date },
): Decision<Campaign, 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION'> {
  const { state, version } = campaign;
  if (version !== expectedVersion)
    return refuse(
      'VERSION_CONFLICT',
      'expectedVersion',
      `The campaign is at version ${version} now: read it again, then decide again.`,
    );
  if (!from[step].includes(state)) {
    const message = `The campaign is ${state}: only one that is ${from[step].join(' or ')} can be told to ${step}.`;
    return refuse('ILLEGAL_TRANSITION', 'campaignId', message);
  }
  const changed = { ...campaign, version: version + 1, updatedBy: by, updatedAt: now };
  switch (step) {
    case 'launch':
      return accept({ ...changed, state: 'running', launchedBy: by, launchedAt: now, lookAt: now });
    case 'pause':
      return accept({ ...changed, state: 'paused', lookAt: null });
    case 'resume':
      return accept({
        ...{ ...changed, state: 'running', pauseReason: null, lookAt: now },
        pausesItself: campaign.pausesItself && campaign.pauseReason === null,
      });
    case 'cancel':
      return accept({ ...changed, state: 'cancelled', finishedAt: now, lookAt: null });
  }
}

/** Of the first messages, so many may fail: 5 % of 200. */
export const firstSends = 200;
const failedMax = 10;

/** Why a campaign pauses by itself; null: it goes on. */
export function whyPause(
  { state, pausesItself }: Pick<Campaign, 'state' | 'pausesItself'>,
  first: { readonly sent: number; readonly failed: number },
): string | null {
  if (state !== 'running' || !pausesItself || first.failed <= failedMax) return null;
  return `${first.failed} of the first ${first.sent} messages could not be delivered.`;
}
