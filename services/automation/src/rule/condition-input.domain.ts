import { parseChannel } from '@crossdesk/channels';
import { parseId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import type { UserError } from '@crossdesk/service-kit/decision';
import type { Condition, ConditionOp } from './condition.domain.ts';
import { type FieldName, fields, type FieldType, isFieldName, specOf } from './field.domain.ts';
import { readPhrase } from './phrase.domain.ts';

type Problem = UserError<'INVALID_INPUT'>;
type Path = readonly (string | number)[];

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

/** Called with each problem that is found. */
type Report = (path: Path, message: string) => void;

const depthMax = 4;
const leavesMax = 20;
const valuesMax = 100;
const valueCharactersMax = 200;

const never: Condition = { kind: 'any', of: [] };

/** Decodes a condition. Every problem is reported with its place; a condition with problems is not to be used. */
export function readCondition(written: WrittenCondition, path: Path, report: Report): Condition {
  if (leavesIn(written) > leavesMax) {
    report(path, `The condition has ${leavesIn(written)} leaves; at most ${leavesMax} are allowed.`);
    return never;
  }
  return readPart(written, path, 1, report);
}

function leavesIn({ all, any, not, leaf }: WrittenCondition): number {
  const parts = [...(all ?? []), ...(any ?? []), ...(not ? [not] : [])];
  return parts.reduce((sum, part) => sum + leavesIn(part), leaf ? 1 : 0);
}

function readPart(written: WrittenCondition, path: Path, depth: number, report: Report): Condition {
  const { all, any, not, leaf } = written;
  if ([all, any, not, leaf].filter((part) => part !== null && part !== undefined).length !== 1) {
    report(path, 'Write exactly one of all, any, not and leaf.');
    return never;
  }
  if (leaf) return readLeaf(leaf, [...path, 'leaf'], report);
  if (depth >= depthMax) {
    report(path, `The condition is nested deeper than ${depthMax} levels.`);
    return never;
  }
  if (not) return { kind: 'not', of: readPart(not, [...path, 'not'], depth + 1, report) };
  const kind = all ? 'all' : 'any';
  const parts = all ?? any ?? [];
  if (kind === 'any' && parts.length === 0) report([...path, kind], 'An empty `any` never holds: write a condition.');
  return { kind, of: parts.map((part, n) => readPart(part, [...path, kind, n], depth + 1, report)) };
}

const opsOf: Readonly<Record<FieldType, readonly ConditionOp[]>> = {
  word: ['in'],
  set: ['in'],
  flag: ['in'],
  number: ['at-least', 'at-most'],
  phrases: ['contains'],
};

function readLeaf({ field, op, values }: WrittenLeaf, path: Path, report: Report): Condition {
  if (!isFieldName(field)) {
    report([...path, 'field'], `There is no such field. There are: ${Object.keys(fields).join(', ')}.`);
    return never;
  }
  const { type } = specOf(field);
  if (!opsOf[type].includes(op)) {
    const names = opsOf[type].map((one) => one.toUpperCase().replaceAll('-', '_')).join(' and ');
    report([...path, 'op'], `${field} can be asked with ${names} only.`);
    return never;
  }
  const countMax = type === 'number' ? 1 : valuesMax;
  if (values.length === 0 || values.length > countMax) {
    report([...path, 'values'], countMax === 1 ? 'Write one number.' : `Write 1 to ${countMax} values.`);
    return never;
  }
  const read = values.flatMap((value, n) => {
    const known = value.length > valueCharactersMax ? null : readValue(field, value.trim());
    if (known === null) report([...path, 'values', n], problemOf(field));
    return known ?? [];
  });
  return { kind: 'leaf', field, op, values: [...new Set(read)] };
}

/** The value in its usual spelling; null if it can never be one of this field. */
function readValue(field: FieldName, text: string): string | null {
  const { type, values, range } = specOf(field);
  if (values !== undefined) return values.find((value) => value === text.toLowerCase()) ?? null;
  if (type === 'flag') return ['true', 'false'].find((word) => word === text.toLowerCase()) ?? null;
  if (type === 'phrases') return readPhrase(text) === null ? null : text;
  if (type === 'number') return readNumber(text, range);
  return readOpenWord(field, text);
}

function readNumber(text: string, [least, most]: readonly [number, number] = [-Infinity, Infinity]): string | null {
  if (!/^-?[0-9]{1,16}(?:\.[0-9]{1,6})?$/.test(text)) return null;
  const number = Number(text);
  return number < least || number > most ? null : String(number);
}

function readOpenWord(field: FieldName, text: string): string | null {
  switch (field) {
    case 'message.account':
      return parseId(text);
    case 'message.channel':
      return parseChannel(text.toLowerCase().replaceAll('_', '-'));
    case 'message.language':
      return canonicalLocale(text)?.split('-')[0] ?? null;
    case 'order.currency':
      return /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : null;
    default:
      return /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(text) ? text.toLowerCase().replaceAll('-', '_') : null;
  }
}

function problemOf(field: FieldName): string {
  const { type, values, range } = specOf(field);
  if (values !== undefined) return `${field} is one of: ${values.join(', ')}.`;
  if (type === 'flag') return 'Write true or false.';
  if (type === 'number')
    return `Write a decimal number${range === undefined ? '' : ` from ${range[0]} to ${range[1]}`}, for instance 2.5.`;
  if (type === 'phrases')
    return `Write words of at most ${valueCharactersMax} characters with a letter or digit, for instance refund.`;
  return examples[field] ?? 'Write a word of at most 40 letters and digits.';
}

const examples: Readonly<Partial<Record<FieldName, string>>> = {
  'message.account': 'Write the id of a channel account.',
  'message.channel': 'This version has no such channel: write one as the API names it, for instance SHOPEE.',
  'message.language': 'This is no language: write BCP 47, for instance pt.',
  'order.currency': 'Write three letters, for instance EUR.',
};

/** A problem as a refusal shows it. */
export function invalid(path: Path, message: string): Problem {
  return { code: 'INVALID_INPUT', message, path: path.map(String) };
}
