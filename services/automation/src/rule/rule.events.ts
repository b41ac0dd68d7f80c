import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Rule } from './rule.domain.ts';

export function ruleChanged(
  aggregate: LockedAggregate,
  { id, name, trigger, actions, mode, position }: Rule,
  { ruleSet, isDeleted, origin }: { readonly ruleSet: number; readonly isDeleted: boolean; readonly origin: Origin },
): EventDraft<'automation.rule-changed'> {
  return {
    aggregate,
    type: 'automation.rule-changed',
    origin,
    data: {
      ruleId: id,
      name,
      trigger,
      actions: actions.map(({ type }) => type),
      mode,
      position,
      ruleSet,
      isDeleted,
    },
  };
}
