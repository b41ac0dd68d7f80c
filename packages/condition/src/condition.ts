export type FactValue = string | number | boolean | readonly string[];

/** What is known: a field without a value is unknown. */
export type Facts<Field extends string> = Readonly<Partial<Record<Field, FactValue>>>;

export const conditionOps = ['in', 'at-least', 'at-most', 'contains'] as const;
export type ConditionOp = (typeof conditionOps)[number];

export interface Leaf<Field extends string = string> {
  readonly kind: 'leaf';
  readonly field: Field;
  readonly op: ConditionOp;
  readonly values: readonly string[];
}

export type Condition<Field extends string = string> =
  | { readonly kind: 'all'; readonly of: readonly Condition<Field>[] }
  | { readonly kind: 'any'; readonly of: readonly Condition<Field>[] }
  | { readonly kind: 'not'; readonly of: Condition<Field> }
  | Leaf<Field>;

/** UNKNOWN: it depends on something that is not known. It is not as if it held. */
export type Verdict = 'TRUE' | 'FALSE' | 'UNKNOWN';

interface Judgement<Field extends string> {
  readonly verdict: Verdict;
  /** The first leaf that decided it; null for an empty `all` or `any`. */
  readonly leaf: Leaf<Field> | null;
}

/** Judges a condition by three-valued logic (Kleene), left to right, no further than necessary. */
export function judge<Field extends string>(condition: Condition<Field>, facts: Facts<Field>): Judgement<Field> {
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
function judgeSeries<Field extends string>(
  conditions: readonly Condition<Field>[],
  facts: Facts<Field>,
  decisive: 'TRUE' | 'FALSE',
): Judgement<Field> {
  let unknown: Judgement<Field> | null = null;
  let first: Judgement<Field> | null = null;
  for (const condition of conditions) {
    const judgement = judge(condition, facts);
    if (judgement.verdict === decisive) return judgement;
    if (judgement.verdict === 'UNKNOWN') unknown ??= judgement;
    first ??= judgement;
  }
  return unknown ?? first ?? { verdict: opposite[decisive], leaf: null };
}

function judgeLeaf<Field extends string>({ field, op, values }: Leaf<Field>, facts: Facts<Field>): Verdict {
  const fact: FactValue | undefined = facts[field];
  if (fact === undefined) return 'UNKNOWN';
  return holds(fact, op, values) ? 'TRUE' : 'FALSE';
}

function holds(fact: FactValue, op: ConditionOp, values: readonly string[]): boolean {
  switch (op) {
    case 'in':
    case 'contains':
      return Array.isArray(fact) ? fact.some((one) => values.includes(one)) : values.includes(String(fact));
    case 'at-least':
      return compared(fact, values[0] ?? '') >= 0;
    case 'at-most':
      return compared(fact, values[0] ?? '') <= 0;
  }
}

/** Days are texts, which sort as the days do; NaN for what cannot be compared. */
function compared(fact: FactValue, value: string): number {
  if (typeof fact === 'string' && fact.includes('-', 1)) return fact === value ? 0 : fact < value ? -1 : 1;
  return Number(fact) - Number(value);
}

/** The leaves of a condition, left to right, each with its place: `all.0.not.leaf`. */
export function leavesOf<Field extends string>(
  condition: Condition<Field>,
  path = '',
): { readonly leaf: Leaf<Field>; readonly path: string }[] {
  switch (condition.kind) {
    case 'leaf':
      return [{ leaf: condition, path: `${path}leaf` }];
    case 'not':
      return leavesOf(condition.of, `${path}not.`);
    default:
      return condition.of.flatMap((part, n) => leavesOf(part, `${path}${condition.kind}.${n}.`));
  }
}
