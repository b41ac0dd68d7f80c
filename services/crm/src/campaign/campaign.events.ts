import type { AgentId } from '@crossdesk/contracts';
import { causedBySystem, type EventDraft, lockedAggregate, type Origin } from '@crossdesk/service-kit';
import type { Campaign } from './campaign.domain.ts';
import type { Tally } from './campaign.store.ts';

/** The campaign must be locked; its version has risen with the change. */
export function campaignLaunched(
  campaign: Campaign,
  { by, at }: { readonly by: AgentId; readonly at: Date },
  origin: Origin,
): EventDraft<'crm.campaign-launched'> {
  const { id: campaignId, purpose, segmentId, holdOutShare } = campaign;
  return {
    aggregate: lockedAggregate(campaign),
    type: 'crm.campaign-launched',
    data: { campaignId, purpose, segmentId, holdOutShare, launchedAt: at.toISOString(), launchedBy: by },
    origin,
  };
}

/** With the numbers as of now. Of a cancelled one some messages may still be with the gate, which stops them. */
export function campaignFinished(
  campaign: Campaign,
  tallies: readonly Tally[],
  origin: Origin = causedBySystem(),
): EventDraft<'crm.campaign-finished'> {
  const { sent, failed, heldOut, suppressed } = numbersOf(tallies);
  return {
    aggregate: lockedAggregate(campaign),
    type: 'crm.campaign-finished',
    data: {
      campaignId: campaign.id,
      outcome: campaign.state === 'cancelled' ? 'cancelled' : 'finished',
      ...{ memberCount: campaign.memberCount, sentCount: sent, failedCount: failed, heldOutCount: heldOut },
      suppressedCount: suppressed.reduce((sum, { count }) => sum + count, 0),
    },
    origin,
  };
}

/** What became of the messages, as people read it. */
export interface Numbers {
  /** With the gate, or being written. */
  readonly planned: number;
  readonly sent: number;
  /** Written, and not delivered. */
  readonly failed: number;
  readonly heldOut: number;
  /** By the check that stopped them, or why they could not be written. */
  readonly suppressed: readonly { readonly reason: string; readonly count: number }[];
}

export function numbersOf(tallies: readonly Tally[]): Numbers {
  const countOf = (...states: readonly Tally['state'][]) =>
    tallies.reduce((sum, { state, count }) => (states.includes(state) ? sum + count : sum), 0);
  const stopped = tallies.filter(({ state }) => state === 'suppressed' || state === 'refused');
  const reasons = Map.groupBy(stopped, ({ reason }) => reason ?? 'UNKNOWN');
  const counts = [...reasons].map(([reason, of]) => ({ reason, count: of.reduce((sum, { count }) => sum + count, 0) }));
  return {
    ...{ planned: countOf('planned', 'decided'), sent: countOf('sent'), failed: countOf('failed') },
    heldOut: counts.find(({ reason }) => reason === 'HOLD_OUT')?.count ?? 0,
    suppressed: counts.filter(({ reason }) => reason !== 'HOLD_OUT'),
  };
}
