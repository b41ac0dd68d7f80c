import type { Row } from '../db.ts';
import { evaluate, factsIn, type TraceEntry } from './evaluate.domain.ts';
import type { Facts } from './field.domain.ts';
import type { ActionType, RuleSet, RuleVersion } from './rule.domain.ts';

type PastEvaluation = Pick<Row<'evaluation'>, 'trigger' | 'timer_rule_id' | 'facts' | 'evaluated_at' | 'denials'> & {
  readonly taken: readonly ActionType[];
};

/** The trace of an evaluation of the past, from what was recorded; the set has to be the one it was made with. */
export function recompute(set: RuleSet, row: PastEvaluation): TraceEntry[] {
  const { trigger, timer_rule_id: timerRuleId, facts, evaluated_at: now, taken, denials } = row;
  return evaluate(set, { trigger, timerRuleId, facts, now, taken }, ({ id }) => denials[id] ?? null);
}

/** What was known for one rule: the time of day is that of its zone. */
export function timeFacts({ facts, evaluated_at: now }: Row<'evaluation'>, { timeZone }: RuleVersion): Facts {
  return factsIn(facts, now, timeZone);
}
