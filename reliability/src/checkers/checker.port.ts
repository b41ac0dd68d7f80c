import type { Entry } from '../history.ts';
import type { Observations } from '../observations.ts';

export type CheckName =
  | 'routing'
  | 'sla'
  | 'bulk'
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'I11'
  | 'I12'
  | 'erasure';

export interface Violation {
  readonly check: CheckName;
  /** How the report counts it. */
  readonly kind: 'lost' | 'doubled' | 'inverted' | 'wrong';
  readonly what: string;
}

/** Finds what breaks one invariant. Pure: the same history and observations always give the same answer. */
export type Checker = (history: readonly Entry[], seen: Observations) => Violation[];

export function violation(check: CheckName, kind: Violation['kind'], what: string): Violation {
  return { check, kind, what };
}

/** The names that occur more than once. */
export function repeated(names: Iterable<string>): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}

/** Groups items by a name; each group keeps the given order. */
export function grouped<Item>(items: Iterable<Item>, nameOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(nameOf(item));
    if (group === undefined) groups.set(nameOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
