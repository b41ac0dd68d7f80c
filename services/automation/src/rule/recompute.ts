import type { Row } from '../db.ts';
import { evaluate, factsIn, type TraceEntry } from './evaluate.domain.ts';
import type { Facts } from './field.domain.ts';
import type { RuleSet, RuleVersion } from './rule.domain.ts';

/** The trace of an evaluation of the past, from what was recorded; the set has to be the one it was made with. */
export function recompute(set: RuleSet, row: Row<'evaluation'>): TraceEntry[] {
  const { trigger, facts, evaluated_at: now, taken, denials } = row;
  return evaluate(set, { trigger, facts, now, taken }, ({ id }) => denials[id] ?? null);
}

/** What was known for one rule: the time of day is that of its zone. */
export function timeFacts({ facts, evaluated_at: now }: Row<'evaluation'>, { timeZone }: RuleVersion): Facts {
  return factsIn(facts, now, timeZone);
}
