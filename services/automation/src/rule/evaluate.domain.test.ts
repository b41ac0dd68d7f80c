import { expect, test } from '@jest/globals';
import { newId, type RuleId, type TenantId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { type Denial, evaluate, type Occurrence, wantedBy } from './evaluate.domain.ts';
import { countKey, countsWanted, denialOf, type Ledger, noteAct } from './limit.domain.ts';
import { isOpen, localTime } from './rule-time.domain.ts';
import { type Action, modes, type RuleVersion, slotOf } from './rule.domain.ts';
import { traceHash } from './trace-hash.ts';

const always = { kind: 'all', of: [] } as const;
const blank: RuleVersion = {
  id: newId<RuleId>(),
  version: 1,
  mode: 'auto',
  name: 'Rule',
  trigger: 'message',
  afterMinutes: null,
  condition: always,
  actions: [{ type: 'tag', value: 'seen' }],
  stops: false,
  limits: [],
  timeZone: 'UTC',
  schedule: [],
};
const rule = (changes: Partial<RuleVersion>): RuleVersion => ({ ...blank, id: newId<RuleId>(), ...changes });
const state = (value: string): Action => ({ type: 'state', value });
const tag = (value: string): Action => ({ type: 'tag', value });

const monday = new Date('2026-03-02T10:00:00Z');
const occurrence: Occurrence = { trigger: 'message', facts: {}, now: monday, taken: [], timerRuleId: null };
const outcomes = (rules: RuleVersion[], given: Partial<Occurrence> = {}, denial: Denial | null = null) =>
  evaluate({ number: 1, rules }, { ...occurrence, ...given }, () => denial).map((entry) =>
    entry.outcome === 'skipped' ? entry.reason : entry.outcome,
  );

test('the first rule that acts decides a slot, tags of all are wanted, a rule with nothing left is skipped', () => {
  const rules = [
    rule({ actions: [state('pending'), tag('a')] }),
    rule({ actions: [state('handled'), tag('b')] }),
    rule({ actions: [state('transferred')] }),
  ];
  const trace = evaluate({ number: 1, rules }, occurrence, () => null);
  expect(wantedBy(trace).map(({ action }) => action)).toEqual([state('pending'), tag('a'), tag('b')]);
  expect(outcomes(rules)).toEqual(['matched', 'matched', 'slots-taken']);
  expect(outcomes(rules, { taken: ['state'] })).toEqual(['matched', 'matched', 'slots-taken']);
});

test('only a rule that acts takes slots and stops the later ones', () => {
  const first = (mode: RuleVersion['mode']) => [
    rule({ mode, stops: true, actions: [state('pending')] }),
    rule({ actions: [state('handled')] }),
  ];
  expect(modes.map((mode) => outcomes(first(mode)))).toEqual([
    ['off', 'matched'],
    ['matched', 'matched'],
    ['matched', 'matched'],
    ['matched', 'stopped'],
  ]);
  expect(outcomes(first('auto'), {}, 'once')).toEqual(['once', 'once']);
});

test('a rule looks at its trigger, in its hours, when its condition holds', () => {
  const isFirst = { kind: 'leaf', field: 'message.isFirst', op: 'in', values: ['true'] } as const;
  const night = [{ weekdays: ['sunday'], fromMinute: 22 * 60, toMinute: 6 * 60 }] as const;
  const rules = [
    rule({ trigger: 'conversation' }),
    rule({ schedule: night, timeZone: 'UTC' }),
    rule({ schedule: night, timeZone: 'America/Los_Angeles' }),
    rule({ condition: isFirst }),
  ];
  // 10:00 on Monday in UTC is 02:00 on Monday in Los Angeles: still the night of Sunday.
  expect(outcomes(rules)).toEqual(['other-trigger', 'outside-schedule', 'matched', 'unknown']);
  expect(outcomes(rules, { facts: { 'message.isFirst': false } }).at(-1)).toBe('false');
});

test('hours are those of the time zone, also when its clocks change', () => {
  const hours = [{ weekdays: ['sunday'], fromMinute: 9 * 60, toMinute: 17 * 60 }] as const;
  const openAt = (text: string) => isOpen(hours, localTime(new Date(text), 'Europe/Berlin'));
  // The clocks went forward on 29 March 2026.
  expect(openAt('2026-03-22T08:00:00Z')).toBe(true);
  expect(openAt('2026-03-22T07:59:00Z')).toBe(false);
  expect(openAt('2026-03-29T07:00:00Z')).toBe(true);
  expect(openAt('2026-03-29T15:00:00Z')).toBe(false);
  expect(localTime(new Date('2026-03-01T00:30:00Z'), 'Asia/Kathmandu')).toEqual({
    weekday: 'sunday',
    minute: 6 * 60 + 15,
  });
});

const someRules = fc.array(
  fc.record({
    mode: fc.constantFrom(...modes),
    trigger: fc.constantFrom('message' as const, 'conversation' as const),
    stops: fc.boolean(),
    actions: fc.uniqueArray(
      fc.constantFrom(state('pending'), tag('a'), tag('b'), { type: 'priority', value: 'high' } as const),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  { maxLength: 6 },
);

test('whatever the rules, one slot is decided once, and rules that do not act change nothing for the others', () => {
  fc.assert(
    fc.property(someRules, (contents) => {
      const rules = contents.map(rule);
      const acting = (of: RuleVersion[]) =>
        wantedBy(evaluate({ number: 1, rules: of }, occurrence, () => null)).filter(({ mode }) => mode === 'auto');
      const slots = acting(rules).flatMap(({ action }) => slotOf(action) ?? []);
      expect(new Set(slots).size).toBe(slots.length);
      expect(acting(rules)).toEqual(acting(rules.filter(({ mode }) => mode === 'auto')));
    }),
  );
});

test('the hash differs when the outcome of a rule differs', () => {
  const trace = (denial: Denial | null) => evaluate({ number: 1, rules: [rule({})] }, occurrence, () => denial);
  expect(traceHash(trace(null))).toBe(traceHash(trace(null)));
  expect(traceHash(trace(null))).not.toBe(traceHash(trace('once')));
  expect(traceHash(trace('buyer-limit'))).not.toBe(traceHash(trace('once')));
});

test('limits count the conversation, the buyer or all; a chain of events is counted once', () => {
  const tenantId = newId<TenantId>();
  const limited = rule({
    limits: [
      { scope: 'conversation', times: 1, hours: 1 },
      { scope: 'buyer', times: 2, hours: 24 },
      { scope: 'workspace', times: 3, hours: 24 },
    ],
  });
  const ledger: Ledger = { once: new Set(), counts: new Map() };
  const act = (conversationId: string, buyerId: string, correlationId = newId()) => {
    const subject = { tenantId, conversationId, buyerId, correlationId };
    const denial = denialOf(limited, subject, ledger);
    if (denial === null) noteAct(limited, subject, ledger);
    return denial;
  };
  const chain = newId();
  expect([
    act('c1', 'ana', chain),
    act('c9', 'ana', chain),
    act('c1', 'ana'),
    act('c2', 'ana'),
    act('c3', 'ana'),
    act('c4', 'bo'),
    act('c5', 'cy'),
  ]).toEqual([null, 'once', 'conversation-limit', null, 'buyer-limit', null, 'workspace-limit']);
  const [hour, day] = countsWanted(
    limited,
    { tenantId, conversationId: 'c', buyerId: 'b', correlationId: 'x' },
    monday,
  );
  expect([hour?.since, day?.since]).toEqual([new Date('2026-03-02T09:00:00Z'), new Date('2026-03-01T10:00:00Z')]);
  expect(
    ledger.counts.get(countKey({ tenantId, ruleId: limited.id, mode: 'auto', scope: 'workspace', subjectId: null })),
  ).toBe(3);
});
