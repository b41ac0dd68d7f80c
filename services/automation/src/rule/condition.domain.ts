import type { FactValue, FieldName, Facts } from './field.domain.ts';

export const conditionOps = ['in', 'at-least', 'at-most', 'contains'] as const;
export type ConditionOp = (typeof conditionOps)[number];

export interface Leaf {
  readonly kind: 'leaf';
  readonly field: FieldName;
  readonly op: ConditionOp;
  readonly values: readonly string[];
}

export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | Leaf;

/** UNKNOWN: it depends on something that is not known. A rule whose condition is UNKNOWN does nothing. */
export type Verdict = 'TRUE' | 'FALSE' | 'UNKNOWN';

interface Judgement {
  readonly verdict: Verdict;
  /** The first leaf that decided it; null for an empty `all` or `any`. */
  readonly leaf: Leaf | null;
}

/** Judges a condition by three-valued logic (Kleene), left to right, no further than necessary. */
export function judge(condition: Condition, facts: Facts): Judgement {
  switch (condition.kind) {
    case 'leaf':
      return { verdict: judgeLeaf(condition, facts), leaf: condition };
    case 'not': {
      const { verdict, leaf } = judge(condition.of, facts);
      return { verdict: opposite[verdict], leaf };
    }
    case 'all':
      return judgeSeries(condition.of, facts, 'FALSE');
    case 'any':
      return judgeSeries(condition.of, facts, 'TRUE');
  }
}

const opposite = { TRUE: 'FALSE', FALSE: 'TRUE', UNKNOWN: 'UNKNOWN' } as const;

/** The first `decisive` verdict decides, else the first UNKNOWN; else all agree on the opposite. */
function judgeSeries(conditions: readonly Condition[], facts: Facts, decisive: 'TRUE' | 'FALSE'): Judgement {
  let unknown: Judgement | null = null;
  let first: Judgement | null = null;
  for (const condition of conditions) {
    const judgement = judge(condition, facts);
    if (judgement.verdict === decisive) return judgement;
    if (judgement.verdict === 'UNKNOWN') unknown ??= judgement;
    first ??= judgement;
  }
  return unknown ?? first ?? { verdict: opposite[decisive], leaf: null };
}

function judgeLeaf({ field, op, values }: Leaf, facts: Facts): Verdict {
  const fact = facts[field];
  if (fact === undefined) return 'UNKNOWN';
  return holds(fact, op, values) ? 'TRUE' : 'FALSE';
}

function holds(fact: FactValue, op: ConditionOp, values: readonly string[]): boolean {
  switch (op) {
    case 'in':
    case 'contains':
      return Array.isArray(fact) ? fact.some((one) => values.includes(one)) : values.includes(String(fact));
    case 'at-least':
      return Number(fact) >= Number(values[0]);
    case 'at-most':
      return Number(fact) <= Number(values[0]);
  }
}

/** The leaves of a condition, left to right, each with its place: `all.0.not.leaf`. */
export function leavesOf(condition: Condition, path = ''): { readonly leaf: Leaf; readonly path: string }[] {
  switch (condition.kind) {
    case 'leaf':
      return [{ leaf: condition, path: `${path}leaf` }];
    case 'not':
      return leavesOf(condition.of, `${path}not.`);
    default:
      return condition.of.flatMap((part, n) => leavesOf(part, `${path}${condition.kind}.${n}.`));
  }
}
