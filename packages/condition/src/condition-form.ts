import type { Condition, ConditionOp } from './condition.ts';
import type { WrittenCondition } from './read-condition.ts';

/** The operators as APIs name them, for conditions that do not look for words in texts. */
export const plainOpNames = ['IN', 'AT_LEAST', 'AT_MOST'] as const;
export const opNames = [...plainOpNames, 'CONTAINS'] as const;
export type OpName = (typeof opNames)[number];

const opOfName = { IN: 'in', AT_LEAST: 'at-least', AT_MOST: 'at-most', CONTAINS: 'contains' } as const;

/** A condition as an API takes it: exactly one of the four. */
interface ConditionForm {
  readonly all?: readonly ConditionForm[] | null | undefined;
  readonly any?: readonly ConditionForm[] | null | undefined;
  readonly not?: ConditionForm | null | undefined;
  readonly leaf?:
    { readonly field: string; readonly op: OpName; readonly values: readonly string[] } | null | undefined;
}

/** A condition as an API shows it. */
interface ShownCondition<Op extends OpName> {
  readonly all: ShownCondition<Op>[] | null;
  readonly any: ShownCondition<Op>[] | null;
  readonly not: ShownCondition<Op> | null;
  readonly leaf: { readonly field: string; readonly op: Op; readonly values: string[] } | null;
}

/** What an API was given, with the operators as we name them; `readCondition` decodes it. */
export function writtenCondition({ all, any, not, leaf }: ConditionForm): WrittenCondition {
  return {
    all: all?.map(writtenCondition) ?? null,
    any: any?.map(writtenCondition) ?? null,
    not: not ? writtenCondition(not) : null,
    leaf: leaf ? { ...leaf, op: opOfName[leaf.op] } : null,
  };
}

/** A condition as an API with these operators shows it; a leaf with another one is left out. */
export function shownCondition<Op extends OpName>(condition: Condition, ops: readonly Op[]): ShownCondition<Op> {
  const nothing = { all: null, any: null, not: null, leaf: null };
  switch (condition.kind) {
    case 'leaf': {
      const { field, op, values } = condition;
      const name = nameOf(op, ops);
      return name === null ? nothing : { ...nothing, leaf: { field, op: name, values: [...values] } };
    }
    case 'not':
      return { ...nothing, not: shownCondition(condition.of, ops) };
    default:
      return { ...nothing, [condition.kind]: condition.of.map((part) => shownCondition(part, ops)) };
  }
}

/** The name of an operator, if it is one of these. */
export function nameOf<Op extends OpName>(op: ConditionOp, ops: readonly Op[]): Op | null {
  return ops.find((name) => opOfName[name] === op) ?? null;
}
