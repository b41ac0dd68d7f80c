import { expect, test } from '@jest/globals';
import { newId, type RuleId } from '@crossdesk/contracts';
import fc from 'fast-check';
import type { Condition, Leaf } from './condition.domain.ts';
import { compile, phrasesIn } from './compiled-set.domain.ts';
import { evaluate } from './evaluate.domain.ts';
import { conversationStates, type Facts } from './field.domain.ts';
import type { Action, RuleVersion } from './rule.domain.ts';
import { checkRules, type Finding } from './check-rules.domain.ts';

const leaf = (field: Leaf['field'], op: Leaf['op'], ...values: string[]): Leaf => ({ kind: 'leaf', field, op, values });
const all = (...of: Condition[]): Condition => ({ kind: 'all', of });
const not = (of: Condition): Condition => ({ kind: 'not', of });
const action = (type: Action['type'], value: string): Action => ({ type, value });

const blank: Omit<RuleVersion, 'id'> = {
  version: 1,
  mode: 'auto',
  name: 'Rule',
  trigger: 'message',
  afterMinutes: null,
  condition: all(),
  actions: [action('state', 'pending')],
  stops: false,
  limits: [],
  timeZone: 'UTC',
  schedule: [],
};
const rule = (changes: Partial<RuleVersion>): RuleVersion => ({ ...blank, id: newId<RuleId>(), ...changes });

const leaves = [
  leaf('message.isFirst', 'in', 'true'),
  leaf('message.language', 'in', 'de'),
  leaf('message.words', 'contains', 'refund'),
  leaf('message.words', 'contains', 'refund now', 'de:rückgabe'),
  leaf('message.hasOrder', 'in', 'true'),
  leaf('order.state', 'in', 'shipped'),
  leaf('order.total', 'at-least', '20'),
  leaf('order.total', 'at-most', '20'),
  leaf('conversation.state', 'in', 'unread', 'pending'),
] as const;
const someCondition = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom<Condition>(...leaves),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'all', of })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 2 }).map((of): Condition => ({ kind: 'any', of })),
    tie('tree').map(not),
  ),
})).tree;
const someActions = fc.uniqueArray(
  fc.constantFrom(
    ...[action('state', 'pending'), action('state', 'handled'), action('priority', 'high'), action('priority', 'low')],
    action('tag', 'seen'),
  ),
  { minLength: 1, maxLength: 2, selector: ({ type }) => type },
);
const someRules = fc
  .array(
    fc.record({
      condition: someCondition,
      actions: someActions,
      stops: fc.boolean(),
      mode: fc.constantFrom('auto' as const, 'auto' as const, 'shadow' as const),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((contents) => contents.map(rule));

/** Every message that the leaves can tell from another one. */
function worlds(rules: readonly RuleVersion[]): Facts[] {
  const set = compile({ number: 1, rules });
  const texts = [null, '', 'refund', 'refund now', 'Rückgabe', 'refund, Rückgabe', 'Rückgabe: refund now'];
  const orders: Facts[] = [
    {},
    { 'message.hasOrder': false },
    { 'message.hasOrder': true },
    ...['shipped', 'delivered'].flatMap((state): Facts[] => [
      { 'message.hasOrder': true, 'order.state': state },
      ...[10, 20, 30].map((total): Facts => ({ 'message.hasOrder': true, 'order.state': state, 'order.total': total })),
    ]),
  ];
  const languages = [null, 'de', 'en'];
  const messages = texts.flatMap((text) =>
    languages.map((language): Facts => {
      const phrases = phrasesIn(set, text, language);
      return {
        ...(language === null ? {} : { 'message.language': language }),
        ...(phrases === null ? {} : { 'message.words': phrases }),
      };
    }),
  );
  return [true, false].flatMap((isFirst) =>
    ['unread', 'handled'].flatMap((state) =>
      messages.flatMap((message) =>
        orders.map((order) => ({ ...message, ...order, 'message.isFirst': isFirst, 'conversation.state': state })),
      ),
    ),
  );
}

const now = new Date('2026-03-02T10:00:00Z');

/** What is wrong with the rules, by trying every message. */
function enumerated(rules: readonly RuleVersion[]): string[] {
  const matched = new Set<RuleVersion>();
  const acted = new Set<RuleVersion>();
  const conflicts = new Set<string>();
  for (const facts of worlds(rules)) {
    const trace = evaluate(
      { number: 1, rules },
      { trigger: 'message', facts, now, taken: [], timerRuleId: null },
      () => null,
    );
    const decided = new Map<string, string>();
    for (const entry of trace) {
      const isStopped = entry.outcome === 'skipped' && entry.reason === 'stopped';
      const isTaken = entry.outcome === 'skipped' && entry.reason === 'slots-taken';
      // A stopped rule is not judged: alone, it tells whether its condition holds.
      const alone = evaluate(
        { number: 1, rules: [entry.rule] },
        { trigger: 'message', facts, now, taken: [], timerRuleId: null },
        () => null,
      );
      if (alone[0]?.outcome === 'matched') matched.add(entry.rule);
      if (entry.outcome === 'matched') acted.add(entry.rule);
      if (isStopped || (entry.outcome !== 'matched' && !isTaken)) continue;
      for (const { type, value } of entry.rule.actions) {
        const before = decided.get(type);
        if (before !== undefined && before !== value && type !== 'tag')
          conflicts.add(`conflict ${entry.rule.id} ${type}`);
        if (entry.rule.mode === 'auto' && before === undefined) decided.set(type, value);
      }
    }
  }
  return [
    ...rules.flatMap((one) => (matched.has(one) ? [] : [`dead ${one.id}`])),
    ...rules.flatMap((one) => (matched.has(one) && !acted.has(one) ? [`shadowed ${one.id}`] : [])),
    ...conflicts,
  ].toSorted();
}

const named = (findings: readonly Finding[]) =>
  findings.map((one) => `${one.kind} ${one.rule.id}${one.action === null ? '' : ` ${one.action.type}`}`).toSorted();

test('dead, shadowed and conflicting rules are exactly those that trying every message finds', () => {
  fc.assert(
    fc.property(someRules, (rules) => {
      expect(named(checkRules(rules, new Set()))).toEqual(enumerated(rules));
    }),
    { numRuns: 40 },
  );
}, 60_000);

const places = conversationStates.flatMap((state) => [null, 'x', 'a', 'b'].map((assignee) => ({ state, assignee })));

/** Whether a conversation comes back to where it was, by playing the rules from every place. */
function isLooping(rules: readonly RuleVersion[]): boolean {
  return ['shopee', 'whatsapp'].some((channel) =>
    places.some((start) => {
      const seen = new Set<string>();
      let place = start;
      for (;;) {
        if (seen.has(JSON.stringify(place))) return true;
        seen.add(JSON.stringify(place));
        const facts: Facts = {
          'message.channel': channel,
          'conversation.state': place.state,
          'conversation.isAssigned': place.assignee !== null,
        };
        const trace = evaluate(
          { number: 1, rules },
          { trigger: 'conversation', facts, now, taken: [], timerRuleId: null },
          () => null,
        );
        const wanted = trace.flatMap((entry) => (entry.outcome === 'matched' ? entry.actions : []));
        const value = (type: Action['type']) => wanted.find((one) => one.type === type)?.value;
        const next = {
          state: conversationStates.find((state) => state === value('state')) ?? place.state,
          assignee: value('assign') ?? place.assignee,
        };
        if (next.state === place.state && next.assignee === place.assignee) return false;
        place = next;
      }
    }),
  );
}

const loopLeaves = [
  leaf('conversation.state', 'in', 'pending'),
  leaf('conversation.state', 'in', 'handled', 'unread'),
  leaf('conversation.isAssigned', 'in', 'true'),
  leaf('message.channel', 'in', 'shopee'),
];
const someLoopRules = fc
  .array(
    fc.record({
      condition: fc.oneof(
        fc.constantFrom<Condition>(...loopLeaves, ...loopLeaves.map(not)),
        fc
          .uniqueArray(fc.constantFrom<Condition>(...loopLeaves, ...loopLeaves.map(not)), {
            minLength: 2,
            maxLength: 2,
          })
          .map((of) => all(...of)),
      ),
      actions: fc.uniqueArray(
        fc.constantFrom(
          ...[action('state', 'pending'), action('state', 'handled'), action('state', 'transferred')],
          ...[action('assign', 'a'), action('assign', 'b')],
        ),
        { minLength: 1, maxLength: 2, selector: ({ type }) => type },
      ),
      stops: fc.boolean(),
      trigger: fc.constant('conversation' as const),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((contents) => contents.map(rule));

test('D22 rules loop exactly if playing them brings a conversation back to where it was', () => {
  fc.assert(
    fc.property(someLoopRules, (rules) => {
      const loops = checkRules(rules, new Set()).filter(({ kind }) => kind === 'loop');
      expect(loops.length > 0).toBe(isLooping(rules));
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('a witness is a message that shows the fault', () => {
  const rules = [
    rule({ condition: leaf('message.words', 'contains', 'refund'), actions: [action('priority', 'high')] }),
    rule({
      condition: all(leaf('order.total', 'at-most', '20'), not(leaf('order.state', 'in', 'shipped'))),
      actions: [action('priority', 'low')],
    }),
  ];
  const [finding] = checkRules(rules, new Set());
  expect(finding).toMatchObject({
    kind: 'conflict',
    rule: rules[1],
    others: [rules[0]],
    action: action('priority', 'low'),
  });
  const facts = new Map(finding?.witness?.map(({ field, values }) => [field, values]));
  expect(facts.get('message.words')).toEqual(['refund']);
  expect(facts.get('message.hasOrder')).toEqual(['true']);
  expect(facts.get('order.state')?.[0]).not.toBe('shipped');
  expect(Number(facts.get('order.total')?.[0])).toBeLessThanOrEqual(20);
});

test('hours count; rules of two time zones are not compared by their hours', () => {
  const hours = (fromMinute: number, toMinute: number) => [{ weekdays: ['monday'], fromMinute, toMinute }] as const;
  const early = rule({ schedule: hours(540, 720) });
  const late = (timeZone: string) =>
    rule({ timeZone, schedule: hours(720, 1080), actions: [action('state', 'handled')] });
  const noon = rule({
    schedule: hours(600, 660),
    condition: leaf('time.hour', 'at-least', '11'),
    actions: [action('tag', 'x')],
  });
  expect(named(checkRules([early, late('UTC')], new Set()))).toEqual([]);
  expect(named(checkRules([early, late('Asia/Tokyo')], new Set()))).toEqual([]);
  expect(named(checkRules([noon], new Set()))).toEqual([`dead ${noon.id}`]);
});

test('a change of a conversation tells nothing about a message; a template has to be there; what is off is not looked at', () => {
  const asksWords = rule({ trigger: 'conversation', condition: leaf('message.words', 'contains', 'refund') });
  const replies = rule({ actions: [action('reply', 't1'), action('tag', 'x')] });
  expect(named(checkRules([asksWords, replies, { ...asksWords, mode: 'off' }], new Set(['t2'])))).toEqual([
    `dangling ${replies.id} reply`,
    `dead ${asksWords.id}`,
  ]);
  expect(named(checkRules([replies], new Set(['t1'])))).toEqual([]);
});

test('500 rules with planted faults are checked, and every fault is found', () => {
  const many = Array.from({ length: 500 }, (_, n) =>
    rule({
      condition: all(
        leaf('message.words', 'contains', `word${n}`),
        leaf('message.language', 'in', n % 2 === 0 ? 'de' : 'en'),
      ),
      actions: [action('tag', `tag${n}`)],
    }),
  );
  const dead = rule({ condition: all(leaf('order.total', 'at-least', '30'), leaf('order.total', 'at-most', '20')) });
  const first = many[3];
  const taking = rule({ condition: leaf('message.words', 'contains', 'word3'), actions: [action('priority', 'high')] });
  const shadowed = rule({ condition: first?.condition ?? all(), actions: [action('priority', 'low')] });
  const rules = [taking, ...many, dead, shadowed];
  expect(named(checkRules(rules, new Set()))).toEqual(
    [`conflict ${shadowed.id} priority`, `dead ${dead.id}`, `shadowed ${shadowed.id}`].toSorted(),
  );
}, 20_000);

test('D22 a rule that looks later takes nothing from others, and a loop through it is a slow one', () => {
  const moving = (from: string, to: string, afterMinutes: number | null) =>
    rule({
      trigger: 'conversation',
      afterMinutes,
      condition: leaf('conversation.state', 'in', from),
      actions: [action('state', to)],
    });
  const kinds = (...rules: RuleVersion[]) => checkRules(rules, new Set()).map(({ kind }) => kind);
  const there = moving('pending', 'handled', null);
  expect(kinds(there, moving('handled', 'pending', null))).toEqual(['loop']);
  expect(kinds(there, moving('handled', 'pending', 60))).toEqual(['slow-loop']);
  expect(kinds(there, moving('unread', 'pending', 60))).toEqual([]);
  const first = { afterMinutes: 60, condition: leaf('message.isFirst', 'in', 'true') };
  expect(kinds(rule(first), rule({ actions: [action('state', 'handled')] }))).toEqual([]);
  // When it looks, the conversation may have gone on.
  expect(
    kinds(rule({ ...first, condition: all(first.condition, leaf('conversation.messageCount', 'at-least', '2')) })),
  ).toEqual([]);
});
