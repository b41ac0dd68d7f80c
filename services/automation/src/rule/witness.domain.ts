import type { FactValue } from '@crossdesk/condition';
import type { LocalTime } from './rule-time.domain.ts';
import type { RuleVersion } from './rule.domain.ts';
import type { Box } from './box.domain.ts';
import type { Space } from './space.domain.ts';

/** Facts of a world, by field, as people read them. A field that is not named may be anything. */
export type Witness = readonly { readonly field: string; readonly values: readonly string[] }[];

/** One world of a box. */
export function witnessOf(box: Box | null, space: Space, { timeZone }: RuleVersion): Witness | null {
  if (box === null) return null;
  const facts = new Map<string, string[]>();
  const add = (field: string, ...values: string[]) => facts.set(field, [...(facts.get(field) ?? []), ...values]);
  for (const [dimension, atoms] of box) {
    const value = firstOf(space, dimension, atoms);
    const [field = '', element] = dimension.split('=');
    if (element !== undefined) {
      if (value === true) add(field, element.replace(/^#? ?/, '').trim());
    } else if (isTime(value)) {
      if (dimension !== `time@${timeZone}`) continue;
      add('time.weekday', value.weekday);
      add('time.hour', String(Math.floor(value.minute / 60)));
    } else if (value !== null && !dimension.endsWith('?')) add(field, String(value));
  }
  return [...facts].map(([field, values]) => ({ field, values }));
}

function isTime(value: FactValue | LocalTime | null): value is LocalTime {
  return typeof value === 'object' && value !== null && 'minute' in value;
}

/** A value that is known, if one of the atoms is. */
function firstOf({ dimensions }: Space, dimension: string, atoms: bigint): FactValue | LocalTime | null {
  const own = (dimensions.get(dimension) ?? []).filter((_, n) => (atoms & (1n << BigInt(n))) !== 0n);
  return own.find((value) => value !== null) ?? null;
}
