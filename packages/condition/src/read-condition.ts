import type { Condition, ConditionOp } from './condition.ts';

/**
 * What conditions ask about. A `word` has one value of many, a `set` several at once; `phrases` are looked for in a text;
 * a `date` is a day, YYYY-MM-DD.
 */
type FieldType = 'word' | 'set' | 'number' | 'flag' | 'phrases' | 'date';

export interface FieldSpec {
  readonly type: FieldType;
  /** All values there are; absent for an open list. */
  readonly values?: readonly string[];
  /** The smallest and the largest number that it can be. */
  readonly range?: readonly [number, number];
}

/** The fields that conditions of a kind may ask about, and how large they may be. */
export interface Registry<Name extends string> {
  readonly fields: Readonly<Record<Name, FieldSpec>>;
  readonly depthMax: number;
  readonly leavesMax: number;
  /** The value of an open list in its usual spelling; null if it can never be one of this field. */
  readonly readOpen: (field: Name, text: string) => string | null;
  /** What to write for a field with an open list. */
  readonly exampleOf: (field: Name) => string;
}

/** A condition as people write it: exactly one of the four. */
export interface WrittenCondition {
  readonly all?: readonly WrittenCondition[] | null;
  readonly any?: readonly WrittenCondition[] | null;
  readonly not?: WrittenCondition | null;
  readonly leaf?: WrittenLeaf | null;
}

interface WrittenLeaf {
  readonly field: string;
  readonly op: ConditionOp;
  readonly values: readonly string[];
}

type Path = readonly (string | number)[];

/** Called with each problem that is found. */
export type Report = (path: Path, message: string) => void;

const valuesMax = 100;
const valueCharactersMax = 200;

const never = { kind: 'any', of: [] } as const;

/** Decodes a condition. Every problem is reported with its place; a condition with problems is not to be used. */
export function readCondition<Name extends string>(
  written: WrittenCondition,
  registry: Registry<Name>,
  path: Path,
  report: Report,
): Condition<Name> {
  const { leavesMax } = registry;
  if (leavesIn(written) > leavesMax) {
    report(path, `The condition has ${leavesIn(written)} leaves; at most ${leavesMax} are allowed.`);
    return never;
  }
  return readPart(written, { path, depth: 1 }, { registry, report });
}

function leavesIn({ all, any, not, leaf }: WrittenCondition): number {
  const parts = [...(all ?? []), ...(any ?? []), ...(not ? [not] : [])];
  return parts.reduce((sum, part) => sum + leavesIn(part), leaf ? 1 : 0);
}

interface Reading<Name extends string> {
  readonly registry: Registry<Name>;
  readonly report: Report;
}

interface Place {
  readonly path: Path;
  readonly depth: number;
}

function readPart<Name extends string>(
  written: WrittenCondition,
  { path, depth }: Place,
  reading: Reading<Name>,
): Condition<Name> {
  const { registry, report } = reading;
  const { all, any, not, leaf } = written;
  if ([all, any, not, leaf].filter((part) => part !== null && part !== undefined).length !== 1) {
    report(path, 'Write exactly one of all, any, not and leaf.');
    return never;
  }
  if (leaf) return readLeaf(leaf, [...path, 'leaf'], reading);
  if (depth >= registry.depthMax) {
    report(path, `The condition is nested deeper than ${registry.depthMax} levels.`);
    return never;
  }
  const inside = (...steps: Path) => ({ path: [...path, ...steps], depth: depth + 1 });
  if (not) return { kind: 'not', of: readPart(not, inside('not'), reading) };
  const kind = all ? 'all' : 'any';
  const parts = all ?? any ?? [];
  if (kind === 'any' && parts.length === 0) report([...path, kind], 'An empty `any` never holds: write a condition.');
  return { kind, of: parts.map((part, n) => readPart(part, inside(kind, n), reading)) };
}

const opsOf: Readonly<Record<FieldType, readonly ConditionOp[]>> = {
  word: ['in'],
  set: ['in'],
  flag: ['in'],
  number: ['at-least', 'at-most'],
  date: ['at-least', 'at-most'],
  phrases: ['contains'],
};

function readLeaf<Name extends string>(
  { field, op, values }: WrittenLeaf,
  path: Path,
  { registry, report }: Reading<Name>,
): Condition<Name> {
  const { fields } = registry;
  if (!isName(fields, field)) {
    report([...path, 'field'], `There is no such field. There are: ${Object.keys(fields).join(', ')}.`);
    return never;
  }
  const { type } = fields[field];
  if (!opsOf[type].includes(op)) {
    const names = opsOf[type].map((one) => one.toUpperCase().replaceAll('-', '_')).join(' and ');
    report([...path, 'op'], `${field} can be asked with ${names} only.`);
    return never;
  }
  const countMax = type === 'number' || type === 'date' ? 1 : valuesMax;
  if (values.length === 0 || values.length > countMax) {
    report([...path, 'values'], countMax === 1 ? `Write one ${type}.` : `Write 1 to ${countMax} values.`);
    return never;
  }
  const read = values.flatMap((value, n) => {
    const known = value.length > valueCharactersMax ? null : readValue(field, value.trim(), registry);
    if (known === null) report([...path, 'values', n], problemOf(field, registry));
    return known ?? [];
  });
  return { kind: 'leaf', field, op, values: [...new Set(read)] };
}

function isName<Name extends string>(fields: Readonly<Record<Name, FieldSpec>>, text: string): text is Name {
  return Object.hasOwn(fields, text);
}

/** The value in its usual spelling; null if it can never be one of this field. */
function readValue<Name extends string>(
  field: Name,
  text: string,
  { fields, readOpen }: Registry<Name>,
): string | null {
  const { type, values, range } = fields[field];
  if (values !== undefined) return values.find((value) => value === text.toLowerCase()) ?? null;
  if (type === 'flag') return ['true', 'false'].find((word) => word === text.toLowerCase()) ?? null;
  if (type === 'number') return readNumber(text, range);
  if (type === 'date') return readDate(text);
  return readOpen(field, text);
}

function readNumber(text: string, [least, most]: readonly [number, number] = [-Infinity, Infinity]): string | null {
  if (!/^-?[0-9]{1,16}(?:\.[0-9]{1,6})?$/.test(text)) return null;
  const number = Number(text);
  return number < least || number > most ? null : String(number);
}

/** The text if it is a day, YYYY-MM-DD, that there is; else null. */
export function readDate(text: string): string | null {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return null;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? text : null;
}

function problemOf<Name extends string>(field: Name, { fields, exampleOf }: Registry<Name>): string {
  const { type, values, range } = fields[field];
  if (values !== undefined) return `${field} is one of: ${values.join(', ')}.`;
  if (type === 'flag') return 'Write true or false.';
  if (type === 'date') return 'Write a day as YYYY-MM-DD, for instance 2026-03-01.';
  if (type === 'number')
    return `Write a decimal number${range === undefined ? '' : ` from ${range[0]} to ${range[1]}`}, for instance 2.5.`;
  if (type === 'phrases')
    return `Write words of at most ${valueCharactersMax} characters with a letter or digit, for instance refund.`;
  return exampleOf(field);
}
