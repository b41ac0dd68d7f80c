import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { AgentIdSchema, CampaignIdSchema, instant, Nullable, OneOf, SegmentIdSchema } from '../scalars.ts';

// The life of a campaign. Its texts stay in crm; the messages are told on `crm.outreach`, one by one.

const CountSchema = Type.Integer({ minimum: 0 });

export const campaignLaunched = defineEvent({
  type: 'crm.campaign-launched',
  version: 1,
  topic: 'crm.campaign',
  description: 'A campaign was launched: who is in it is found from now on, and the messages pass the gate one by one.',
  data: Type.Object({
    campaignId: CampaignIdSchema,
    purpose: OneOf(['service', 'marketing']),
    segmentId: Nullable(SegmentIdSchema),
    holdOutShare: Type.Integer({ minimum: 0, maximum: 10_000, description: 'in ten thousandths' }),
    launchedAt: instant('when it was launched'),
    launchedBy: AgentIdSchema,
  }),
  personal: null,
});

export const campaignFinished = defineEvent({
  type: 'crm.campaign-finished',
  version: 1,
  topic: 'crm.campaign',
  description:
    'A campaign is over: every message was written, stopped by a check or refused, or somebody cancelled it.',
  data: Type.Object({
    campaignId: CampaignIdSchema,
    outcome: OneOf(['finished', 'cancelled']),
    memberCount: CountSchema,
    sentCount: CountSchema,
    failedCount: CountSchema,
    heldOutCount: CountSchema,
    suppressedCount: CountSchema,
  }),
  personal: null,
});
