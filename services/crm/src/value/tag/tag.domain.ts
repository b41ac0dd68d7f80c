import { type ConditionOp, type Facts, judge } from '@crossdesk/condition';
import type { AgentId, TagRuleId } from '@crossdesk/contracts';
import type { CustomerCondition, CustomerField } from '../segment/customer-field.domain.ts';

/** The last word of a person about a tag. */
export interface TagFact {
  readonly tag: string;
  readonly name: string;
  readonly isSet: boolean;
  readonly saidBy: AgentId;
  readonly saidAt: Date;
}

export interface TagRule {
  readonly id: TagRuleId;
  readonly tag: string;
  readonly name: string;
  readonly condition: CustomerCondition;
}

/** What a rule compared when it gave a tag. */
export interface TagReason {
  readonly field: string;
  readonly op: ConditionOp;
  readonly values: readonly string[];
  readonly found: string;
}

export interface CustomerTag {
  readonly tag: string;
  readonly name: string;
  /** Null: a rule gave it. */
  readonly agentId: AgentId | null;
  readonly ruleId: TagRuleId | null;
  readonly reason: TagReason | null;
}

/** The latest word about each tag, whichever profile it was said of. */
export function latestFacts(facts: readonly TagFact[]): TagFact[] {
  const sorted = facts.toSorted((a, b) => a.saidAt.getTime() - b.saidAt.getTime() || (a.saidBy < b.saidBy ? -1 : 1));
  return [...new Map(sorted.map((fact) => [fact.tag, fact])).values()];
}

/** The tags that people gave, which rules may ask about. */
export function handTags(facts: readonly TagFact[]): string[] {
  return latestFacts(facts).flatMap(({ tag, isSet }) => (isSet ? tag : []));
}

/** The tags of a customer: those that people gave, and those of rules that hold and that nobody took away. */
export function tagsOf(
  said: readonly TagFact[],
  rules: readonly TagRule[],
  facts: Facts<CustomerField>,
): CustomerTag[] {
  const latest = latestFacts(said);
  const byHand = latest.filter(({ isSet }) => isSet);
  const decided = new Set(latest.map(({ tag }) => tag));
  const byRule = rules.flatMap((rule): CustomerTag[] => {
    if (decided.has(rule.tag)) return [];
    const { verdict, leaf } = judge(rule.condition, facts);
    if (verdict !== 'TRUE') return [];
    const fact = leaf === null ? undefined : facts[leaf.field];
    const reason =
      leaf === null
        ? null
        : { field: leaf.field, op: leaf.op, values: leaf.values, found: [fact ?? ''].flat().join(', ').slice(0, 200) };
    return [{ tag: rule.tag, name: rule.name, agentId: null, ruleId: rule.id, reason }];
  });
  const ofPeople = byHand.map(({ tag, name, saidBy }) => ({ tag, name, agentId: saidBy, ruleId: null, reason: null }));
  return [...ofPeople, ...byRule].toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
}
