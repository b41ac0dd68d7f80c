import type { RuleId } from '@crossdesk/contracts';
import { type Denial, evaluate, factsIn, type TraceEntry } from './evaluate.domain.ts';
import type { Facts } from './field.domain.ts';
import type { ActionType, RuleSet, RuleVersion, Trigger } from './rule.domain.ts';

/** What was recorded of an evaluation. */
interface PastEvaluation {
  readonly trigger: Trigger;
  readonly timer_rule_id: RuleId | null;
  readonly facts: Facts;
  readonly evaluated_at: Date;
  readonly denials: Readonly<Record<RuleId, Denial>>;
  readonly taken: readonly ActionType[];
}

/** The trace of an evaluation of the past, from what was recorded; the set has to be the one it was made with. */
export function recompute(set: RuleSet, row: PastEvaluation): TraceEntry[] {
  const { trigger, timer_rule_id: timerRuleId, facts, evaluated_at: now, taken, denials } = row;
  return evaluate(set, { trigger, timerRuleId, facts, now, taken }, ({ id }) => denials[id] ?? null);
}

/** What was known for one rule: the time of day is that of its zone. */
export function timeFacts(
  { facts, evaluated_at: now }: Pick<PastEvaluation, 'facts' | 'evaluated_at'>,
  { timeZone }: RuleVersion,
): Facts {
  return factsIn(facts, now, timeZone);
}
