import type { WrittenCondition } from '@crossdesk/condition';
import { fromEnum, toEnum } from '@crossdesk/service-kit';
import type * as graphql from '../../graphql.generated.ts';
import type { CustomerCondition } from './customer-field.domain.ts';

const ops = ['in', 'at-least', 'at-most'] as const;

export function writtenOf({ all, any, not, leaf }: graphql.CustomerConditionInput): WrittenCondition {
  return {
    all: all?.map(writtenOf) ?? null,
    any: any?.map(writtenOf) ?? null,
    not: not ? writtenOf(not) : null,
    leaf: leaf ? { ...leaf, op: fromEnum(ops, leaf.op) } : null,
  };
}

export function shownCondition(condition: CustomerCondition): graphql.CustomerCondition {
  const nothing = { all: null, any: null, not: null, leaf: null };
  switch (condition.kind) {
    case 'leaf': {
      const { field, op, values } = condition;
      // No field of a customer is asked with `contains`: it has no texts.
      return op === 'contains' ? nothing : { ...nothing, leaf: { field, op: toEnum(op), values: [...values] } };
    }
    case 'not':
      return { ...nothing, not: shownCondition(condition.of) };
    default:
      return { ...nothing, [condition.kind]: condition.of.map(shownCondition) };
  }
}

/** The name of an operator as the API has it; of a stored reason. */
export function shownOp(op: string): graphql.CustomerConditionOp {
  return toEnum(ops.find((one) => one === op) ?? 'in');
}
