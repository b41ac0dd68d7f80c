import { type FactValue, judge, leavesOf } from '@crossdesk/condition';
import type { Condition, Leaf } from './condition.domain.ts';
import { type FieldName, type Facts, specOf, weekdays } from './field.domain.ts';
import { type Phrase, readPhrase } from './phrase.domain.ts';
import { isOpen, type LocalTime } from './rule-time.domain.ts';
import type { RuleContent } from './rule.domain.ts';
import { type Box, everything, type Full, intersectAll } from './box.domain.ts';
import { samplesOf } from './samples.domain.ts';

/**
 * The worlds that rules can tell apart. A dimension is a field, with one atom for each value that some rule treats
 * differently and one for "unknown"; for a field with several values at once, each value is a dimension; the time of a
 * zone is one.
 */
export interface Space {
  readonly full: Full;
  /** The worlds in which a rule matches: its condition holds within its schedule. */
  matching(rule: RuleContent): Box[];
  /** The worlds in which the condition leaves say so: for the axioms. */
  atoms(dimension: string, isIn: (value: FactValue | LocalTime | null) => boolean): bigint;
  readonly dimensions: ReadonlyMap<string, Dimension>;
}

/** The atoms of a dimension, each with a value that stands for it; null: unknown. */
export type Dimension = readonly (FactValue | LocalTime | null)[];

const isMany = (field: FieldName) => ['set', 'phrases'].includes(specOf(field).type);
/** Whether anything is known of a field with several values. */
const knownDimension = (field: FieldName) => `${field}?`;
const valueDimension = (field: FieldName, value: string) => `${field}=${value}`;
const timeDimension = (timeZone: string) => `time@${timeZone}`;

/** The key of a phrase: two spellings of one are one. */
function phraseKey({ needle, isPart }: Phrase): string {
  return `${isPart ? '' : '#'}${needle}`;
}

export function spaceOf(rules: readonly RuleContent[]): Space {
  const dimensions = dimensionsOf(rules);
  const bits = new Map([...dimensions].map(([name, atoms]) => [name, (1n << BigInt(atoms.length)) - 1n]));
  const atoms: Space['atoms'] = (dimension, isIn) =>
    (dimensions.get(dimension) ?? []).reduce<bigint>(
      (sum, value, n) => (isIn(value) ? sum | (1n << BigInt(n)) : sum),
      0n,
    );
  return {
    dimensions,
    full: (dimension) => bits.get(dimension) ?? 0n,
    atoms,
    matching: (rule) => {
      const inTime = rule.schedule.length === 0 ? everything : openBox(rule, atoms);
      return intersectAll([inTime], boxesOf(rule.condition, true, { atoms, timeZone: rule.timeZone }));
    },
  };
}

interface Leaves {
  readonly atoms: Space['atoms'];
  readonly timeZone: string;
}

function openBox({ timeZone, schedule }: RuleContent, atoms: Space['atoms']): Box {
  const dimension = timeDimension(timeZone);
  return new Map([[dimension, atoms(dimension, (time) => isTime(time) && isOpen(schedule, time))]]);
}

function isTime(value: FactValue | LocalTime | null): value is LocalTime {
  return typeof value === 'object' && value !== null && 'minute' in value;
}

/** The worlds in which a condition is TRUE, or in which it is FALSE. */
function boxesOf(condition: Condition, wanted: boolean, leaves: Leaves): Box[] {
  switch (condition.kind) {
    case 'leaf':
      return leafBoxes(condition, wanted, leaves);
    case 'not':
      return boxesOf(condition.of, !wanted, leaves);
    default: {
      const parts = condition.of.map((part) => boxesOf(part, wanted, leaves));
      const isUnion = (condition.kind === 'any') === wanted;
      return isUnion ? parts.flat() : parts.reduce((all, part) => intersectAll(all, part), [everything]);
    }
  }
}

function leafBoxes(leaf: Leaf, wanted: boolean, { atoms, timeZone }: Leaves): Box[] {
  const { field } = leaf;
  if (isMany(field)) return manyBoxes(leaf, wanted, atoms);
  const dimension = field.startsWith('time.') ? timeDimension(timeZone) : field;
  const verdict = wanted ? 'TRUE' : 'FALSE';
  const isIn = (value: FactValue | LocalTime | null) =>
    value !== null && judge(leaf, factsFor(field, value)).verdict === verdict;
  const box = atoms(dimension, isIn);
  return box === 0n ? [] : [new Map([[dimension, box]])];
}

function factsFor(field: FieldName, value: FactValue | LocalTime): Facts {
  if (!isTime(value)) return { [field]: value };
  return { 'time.hour': Math.floor(value.minute / 60), 'time.weekday': value.weekday };
}

const [absent, present] = [1n, 2n];
/** In the dimension of `knownDimension`. */
export const isKnown = 2n;

function manyBoxes({ field, values }: Leaf, wanted: boolean, atoms: Space['atoms']): Box[] {
  const known = new Map([[knownDimension(field), isKnown]]);
  const each = values.map((value) => oneOfMany(field, value, wanted, atoms));
  // It has one of the values, or it has none of them.
  const boxes = wanted ? each.flat() : each.reduce((all, part) => intersectAll(all, part), [everything]);
  return intersectAll([known], boxes);
}

function oneOfMany(field: FieldName, value: string, wanted: boolean, atoms: Space['atoms']): Box[] {
  const phrase = specOf(field).type === 'phrases' ? readPhrase(value) : null;
  const dimension = valueDimension(field, phrase === null ? value : phraseKey(phrase));
  const found = new Map([[dimension, wanted ? present : absent]]);
  if (phrase === null || phrase.language === null) return [found];
  const inLanguage = atoms('message.language', (language) => language === phrase.language);
  if (wanted) return [found.set('message.language', inLanguage)];
  const otherwise = atoms('message.language', (language) => language !== phrase.language);
  return [found.set('message.language', inLanguage), new Map([['message.language', otherwise]])];
}

function dimensionsOf(rules: readonly RuleContent[]): Map<string, Dimension> {
  const leaves = rules.flatMap(({ condition }) => leavesOf(condition).map(({ leaf }) => leaf));
  const byField = Map.groupBy(leaves, ({ field }) => field);
  const dimensions = new Map<string, Dimension>();
  for (const [field, own] of byField) {
    const values = own.flatMap((leaf) => leaf.values);
    if (isMany(field)) {
      dimensions.set(knownDimension(field), [null, true]);
      for (const value of values) dimensions.set(valueDimension(field, keyOfValue(field, value)), [false, true]);
    } else if (!field.startsWith('time.'))
      dimensions.set(field, [...(isAlwaysKnown(field) ? [] : [null]), ...samplesOf(field, values)]);
  }
  addLanguages(dimensions, leaves);
  // Whether there is an order decides what can be known of it; how many messages there are, whether one is the first.
  if ([...byField.keys()].some((field) => field.startsWith('order.')))
    dimensions.set('message.hasOrder', [null, true, false]);
  for (const [timeZone, own] of Map.groupBy(rules, (rule) => rule.timeZone)) {
    const times = timesOf(own);
    if (times.length > 0) dimensions.set(timeDimension(timeZone), times);
  }
  return dimensions;
}

function keyOfValue(field: FieldName, value: string): string {
  const phrase = specOf(field).type === 'phrases' ? readPhrase(value) : null;
  return phrase === null ? value : phraseKey(phrase);
}

/** What every event tells. */
function isAlwaysKnown(field: FieldName): boolean {
  return field.startsWith('conversation.') || field === 'message.channel' || field === 'message.account';
}

/** Phrases of a language ask about the language too. */
function addLanguages(dimensions: Map<string, Dimension>, leaves: readonly Leaf[]): void {
  const ofPhrases = leaves.flatMap(({ field, values }) =>
    field === 'message.words' ? values.flatMap((value) => readPhrase(value)?.language ?? []) : [],
  );
  if (ofPhrases.length === 0) return;
  const named = leaves.flatMap(({ field, values }) => (field === 'message.language' ? values : []));
  dimensions.set('message.language', [null, ...samplesOf('message.language', [...named, ...ofPhrases])]);
}

/** The beginnings of the times that the rules of a zone tell apart; none if they do not ask for the time. */
function timesOf(rules: readonly RuleContent[]): LocalTime[] {
  const asks = rules.some(({ condition }) => leavesOf(condition).some(({ leaf }) => leaf.field.startsWith('time.')));
  const bounds = rules.flatMap(({ schedule }) =>
    schedule.flatMap(({ fromMinute, toMinute }) => [fromMinute, toMinute]),
  );
  if (!asks && bounds.length === 0) return [];
  const hours = asks ? Array.from({ length: 24 }, (_, hour) => hour * 60) : [];
  const minutes = [...new Set([0, ...hours, ...bounds.filter((minute) => minute < 24 * 60)])].toSorted((a, b) => a - b);
  return weekdays.flatMap((weekday) => minutes.map((minute) => ({ weekday, minute })));
}
