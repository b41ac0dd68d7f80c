import type { EventData } from '@crossdesk/contracts';
import type { AnyEventDraft, EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Clock, Telling } from '../clock/clock.domain.ts';
import type { Policy } from '../clock/policy.domain.ts';
import { type ChangedConversation, snapshotOf } from '../conversation/conversation.events.ts';

export function policyChanged(
  aggregate: LockedAggregate,
  policy: Policy,
  origin: Origin,
): EventDraft<'conversation.sla-policy-changed'> {
  const { id: policyId, name, isActive, calendarId, warnPercent, position } = policy;
  const conditions = {
    accountIds: policy.accountIds === null ? null : [...policy.accountIds],
    channels: policy.channels === null ? null : [...policy.channels],
    priorities: policy.priorities === null ? null : [...policy.priorities],
    enquiryTypes: policy.enquiryTypes === null ? null : [...policy.enquiryTypes],
  };
  const targets = policy.targets.map(({ metric, priority, minutes }) => ({ metric, priority, minutes }));
  const data = { policyId, name, isActive, position, calendarId, warnPercent, ...conditions, targets };
  return { aggregate, type: 'conversation.sla-policy-changed', origin, data };
}

/** What a clock tells of itself. */
export function clockTold(
  { aggregate, conversation, origin }: ChangedConversation,
  clock: Clock,
  telling: Telling,
): AnyEventDraft {
  const data = { conversation: snapshotOf(conversation), ...clockOf(clock) };
  const { warnedAt, breachedAt, metAt } = clock;
  const head = { aggregate, origin };
  if (telling === 'warned') return { ...head, type: 'conversation.sla-warned', data, ...occurred(warnedAt) };
  if (telling === 'breached') return { ...head, type: 'conversation.sla-breached', data, ...occurred(breachedAt) };
  return { ...head, type: 'conversation.sla-met', data, ...occurred(metAt) };
}

function occurred(at: Date | null) {
  return at === null ? {} : { occurredAt: at };
}

function clockOf(clock: Clock): Omit<EventData<'conversation.sla-warned'>, 'conversation'> {
  const { id: clockId, metric, origin, cycle, policyId, policyVersion, calendarId, calendarVersion } = clock;
  return {
    ...{ clockId, metric, origin, cycle, policyId, policyVersion, calendarId, calendarVersion },
    budgetMinutes: clock.budgetMinutes,
    startedAt: clock.startedAt.toISOString(),
    dueAt: clock.dueAt?.toISOString() ?? null,
    metAt: clock.metAt?.toISOString() ?? null,
  };
}
