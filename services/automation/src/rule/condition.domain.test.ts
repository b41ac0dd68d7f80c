import { type Verdict, type WrittenCondition, judge } from '@crossdesk/condition';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { UserError } from '@crossdesk/service-kit/decision';
import type { Condition, Leaf } from './condition.domain.ts';
import { readCondition } from './condition-input.domain.ts';
import type { Facts } from './field.domain.ts';

const leaf = (field: Leaf['field'], op: Leaf['op'], ...values: string[]): Leaf => ({ kind: 'leaf', field, op, values });

const leaves = [
  leaf('message.language', 'in', 'de', 'fr'),
  leaf('message.isFirst', 'in', 'true'),
  leaf('order.total', 'at-least', '50'),
  leaf('conversation.messageCount', 'at-most', '2'),
  leaf('message.intents', 'in', 'refund', 'invoice'),
  leaf('message.words', 'contains', 'refund'),
];
const aCondition = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...leaves),
    fc.array(tie('tree'), { maxLength: 3 }).map((of): Condition => ({ kind: 'all', of })),
    fc.array(tie('tree'), { maxLength: 3 }).map((of): Condition => ({ kind: 'any', of })),
    tie('tree').map((of): Condition => ({ kind: 'not', of })),
  ),
})).tree;
const someFacts: fc.Arbitrary<Facts> = fc.record(
  {
    'message.language': fc.constantFrom('de', 'en', 'fr'),
    'message.isFirst': fc.boolean(),
    'order.total': fc.constantFrom(49.99, 50, 1_000),
    'conversation.messageCount': fc.integer({ min: 1, max: 4 }),
    'message.intents': fc.subarray(['refund', 'invoice', 'logistics']),
    'message.words': fc.subarray(['refund', 'hello']),
  },
  { requiredKeys: [] },
);

/** Kleene's tables, written independently: TRUE is 1, UNKNOWN 0, FALSE -1. */
function kleene(condition: Condition, facts: Facts): number {
  if (condition.kind === 'all') return Math.min(1, ...condition.of.map((part) => kleene(part, facts)));
  if (condition.kind === 'any') return Math.max(-1, ...condition.of.map((part) => kleene(part, facts)));
  if (condition.kind === 'not') return 0 - kleene(condition.of, facts);
  return valueOf[judge(condition, facts).verdict];
}
const valueOf: Readonly<Record<Verdict, number>> = { TRUE: 1, UNKNOWN: 0, FALSE: -1 };

test('every condition is judged as the three-valued tables say', () => {
  fc.assert(
    fc.property(aCondition, someFacts, (condition, facts) => {
      expect(valueOf[judge(condition, facts).verdict]).toBe(kleene(condition, facts));
    }),
    { numRuns: 500 },
  );
});

test('what becomes known later never changes a verdict that was known', () => {
  fc.assert(
    fc.property(aCondition, someFacts, someFacts, (condition, facts, more) => {
      const before = judge(condition, facts).verdict;
      fc.pre(before !== 'UNKNOWN');
      expect(judge(condition, { ...more, ...facts }).verdict).toBe(before);
    }),
  );
});

test('the leaf that is named is the first one that decided', () => {
  fc.assert(
    fc.property(aCondition, someFacts, (condition, facts) => {
      const { verdict, leaf: named } = judge(condition, facts);
      fc.pre(named !== null && verdict === 'UNKNOWN');
      expect(named === null ? null : judge(named, facts).verdict).toBe('UNKNOWN');
    }),
  );
  const all: Condition = { kind: 'all', of: [leaves[1], leaves[2], leaves[0]].flatMap((one) => one ?? []) };
  const facts: Facts = { 'message.isFirst': true, 'message.language': 'en' };
  expect(judge(all, facts)).toEqual({ verdict: 'FALSE', leaf: leaves[0] });
  expect(judge(all, { ...facts, 'message.language': 'de' })).toEqual({ verdict: 'UNKNOWN', leaf: leaves[2] });
});

test('numbers include their bound, sets need one of the values, phrases one of the phrases', () => {
  const facts: Facts = { 'order.total': 50, 'message.intents': ['logistics', 'refund'], 'message.words': [] };
  const verdict = (one: Leaf) => judge(one, facts).verdict;
  expect(verdict(leaf('order.total', 'at-least', '50'))).toBe('TRUE');
  expect(verdict(leaf('order.total', 'at-most', '50'))).toBe('TRUE');
  expect(verdict(leaf('order.total', 'at-least', '50.01'))).toBe('FALSE');
  expect(verdict(leaf('message.intents', 'in', 'invoice', 'refund'))).toBe('TRUE');
  expect(verdict(leaf('message.words', 'contains', 'refund'))).toBe('FALSE');
});

function read(written: WrittenCondition) {
  const problems: Pick<UserError<'INVALID_INPUT'>, 'path' | 'message'>[] = [];
  const condition = readCondition(written, ['condition'], (path, message) =>
    problems.push({ path: path.map(String), message }),
  );
  return { condition, problems: problems.map(({ path }) => path.join('.')), messages: problems.map((p) => p.message) };
}
const written = (field: string, op: Leaf['op'], ...values: string[]): WrittenCondition => ({
  leaf: { field, op, values },
});

test('a condition is read in its usual spelling', () => {
  const { condition, problems } = read({
    all: [
      written('message.channel', 'in', 'TIKTOK_SHOP'),
      written('message.language', 'in', 'pt-BR', 'PT'),
      { not: written('order.state', 'in', 'SHIPPED') },
      written('order.total', 'at-least', '050.50'),
      written('order.currency', 'in', 'eur'),
    ],
  });
  expect(problems).toEqual([]);
  expect(condition).toEqual({
    kind: 'all',
    of: [
      leaf('message.channel', 'in', 'tiktok-shop'),
      leaf('message.language', 'in', 'pt'),
      { kind: 'not', of: leaf('order.state', 'in', 'shipped') },
      leaf('order.total', 'at-least', '50.5'),
      leaf('order.currency', 'in', 'EUR'),
    ],
  });
});

test('every problem of a condition is named with its place', () => {
  expect(
    read({
      all: [
        {},
        { all: [], leaf: { field: 'order.total', op: 'at-least', values: ['1'] } },
        written('order.weight', 'in', '1'),
        written('order.total', 'in', '1'),
        written('order.total', 'at-least', '1', '2'),
        written('message.sentiment', 'at-most', '-2'),
        written('message.channel', 'in', 'nowhere'),
        written('message.words', 'contains', 'refund', '!?'),
        written('time.weekday', 'in', 'someday'),
        written('message.account', 'in', 'x'),
        { any: [] },
      ],
    }).problems,
  ).toEqual([
    'condition.all.0',
    'condition.all.1',
    'condition.all.2.leaf.field',
    'condition.all.3.leaf.op',
    'condition.all.4.leaf.values',
    'condition.all.5.leaf.values.0',
    'condition.all.6.leaf.values.0',
    'condition.all.7.leaf.values.1',
    'condition.all.8.leaf.values.0',
    'condition.all.9.leaf.values.0',
    'condition.all.10.any',
  ]);
  const flag = written('message.isFirst', 'in', 'true');
  expect(read({ not: { not: { not: { not: flag } } } }).messages).toEqual([
    'The condition is nested deeper than 4 levels.',
  ]);
  expect(read({ not: { not: { not: flag } } }).problems).toEqual([]);
  expect(read({ any: Array.from({ length: 21 }, () => flag) }).messages).toEqual([
    'The condition has 21 leaves; at most 20 are allowed.',
  ]);
});
