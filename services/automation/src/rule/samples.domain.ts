import type { FactValue } from '@crossdesk/condition';
import { type FieldName, specOf } from './field.domain.ts';

/** Stands for every word that no rule names. */
const anotherWord = '(another)';

const decimals: readonly FieldName[] = ['message.sentiment', 'order.total'];

/** Values of a field of which each other value has one that all rules treat like it. `named`: the values in the rules. */
export function samplesOf(field: FieldName, named: readonly string[]): FactValue[] {
  const { type, values, range } = specOf(field);
  if (type === 'flag') return [true, false];
  if (type === 'number') return numbersAround(named.map(Number), range ?? [0, 0], decimals.includes(field));
  return values === undefined ? [...new Set(named), anotherWord] : [...values];
}

/** The numbers themselves, and one between each two neighbours, if there is any. */
function numbersAround(
  named: readonly number[],
  [least, most]: readonly [number, number],
  isDecimal: boolean,
): number[] {
  const near = isDecimal
    ? named
    : named.flatMap((n) => [Math.floor(n) - 1, Math.floor(n), Math.ceil(n), Math.ceil(n) + 1]);
  const inRange = near.filter((n) => n >= least && n <= most);
  const bounds = [...new Set([least, ...inRange, most])].toSorted((a, b) => a - b);
  if (!isDecimal) return bounds;
  return bounds.flatMap((n, index) => {
    const next = bounds[index + 1];
    return next === undefined ? [n] : [n, (n + next) / 2];
  });
}
