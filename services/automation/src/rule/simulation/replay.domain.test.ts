import { expect, test } from '@jest/globals';
import {
  type ConversationId,
  type DecisionId,
  idsAt,
  type MessageId,
  newId,
  type RuleId,
  type TenantId,
} from '@crossdesk/contracts';
import fc from 'fast-check';
import { compile } from '../compiled-set.domain.ts';
import type { Condition } from '../condition.domain.ts';
import { type Denial, denials, evaluate, type TraceEntry } from '../evaluate.domain.ts';
import { countKey, countsWanted, denialOf, type Subject } from '../limit.domain.ts';
import {
  type Action,
  type ActionType,
  limitScopes,
  modes,
  type RuleVersion,
  slotOf,
  type Trigger,
} from '../rule.domain.ts';
import { createReplay } from './replay.domain.ts';
import type { PastEvent } from './simulation.domain.ts';

const tenantId = newId<TenantId>();
const start = Date.parse('2026-03-02T10:00:00Z');
const minuteMs = 60_000;
const leaf = (value: string): Condition => ({ kind: 'leaf', field: 'message.kind', op: 'in', values: [value] });
const conditions: Condition[] = [
  { kind: 'all', of: [] },
  leaf('text'),
  leaf('image'),
  { kind: 'not', of: leaf('text') },
];
const actions: Action[] = [
  { type: 'reply', value: 'a' },
  { type: 'reply', value: 'b' },
  { type: 'priority', value: 'high' },
  { type: 'state', value: 'pending' },
  { type: 'tag', value: 'seen' },
  { type: 'workflow', value: 'REFUND' },
];

const rules = fc.array(
  fc
    .record({
      mode: fc.constantFrom(...modes),
      trigger: fc.constantFrom<Trigger>('message', 'turn', 'conversation'),
      condition: fc.constantFrom(...conditions),
      actions: fc.uniqueArray(fc.constantFrom(...actions), {
        selector: ({ type }) => type,
        minLength: 1,
        maxLength: 3,
      }),
      stops: fc.boolean(),
      limits: fc.uniqueArray(
        fc.record({
          scope: fc.constantFrom(...limitScopes),
          times: fc.integer({ min: 1, max: 3 }),
          hours: fc.integer({ min: 1, max: 3 }),
        }),
        { selector: ({ scope }) => scope, maxLength: 2 },
      ),
    })
    .map((content): RuleVersion => ({
      ...content,
      id: newId<RuleId>(),
      version: 1,
      name: 'R',
      afterMinutes: null,
      timeZone: 'UTC',
      schedule: [],
    })),
  { minLength: 1, maxLength: 5 },
);

/** An event in a chain that one before it began, or in one of its own; `again`: the message of the chain once more; `turn`: its turn. */
const event = fc.record({
  kind: fc.constantFrom('text', 'image', null),
  trigger: fc.constantFrom('message', 'turn', 'conversation', 'again'),
  conversation: fc.integer({ min: 0, max: 2 }),
  minutes: fc.integer({ min: 0, max: 90 }),
  isInChain: fc.boolean(),
});
type Wanted = typeof event extends fc.Arbitrary<infer One> ? One : never;

const [conversations, buyers] = [
  [newId(), newId(), newId()],
  [newId(), newId(), newId()],
];

interface Act extends Subject {
  readonly ruleId: RuleId;
  readonly mode: RuleVersion['mode'];
  readonly at: number;
}

/** What a service with these rules would have recorded: limits are counted in the list of all acts. */
function live(set: readonly RuleVersion[], wanted: readonly Wanted[]) {
  const acts: Act[] = [];
  const past: PastEvent[] = [];
  let at = start;
  for (const { kind, trigger, conversation, minutes, isInChain } of wanted) {
    at += minutes * minuteMs;
    const last = past.at(-1);
    const nextId = idsAt(at);
    const isAgain = trigger === 'again';
    const isLater = isAgain || trigger === 'turn';
    const message = isLater
      ? past.findLast((one) => one.trigger === 'message' && one.correlation_id === last?.correlation_id)
      : undefined;
    if (isLater && (message === undefined || (isAgain && hasStopped(set, message)))) continue;
    const chain = isInChain && trigger === 'conversation' ? last : message;
    const subject = {
      tenantId,
      conversationId: chain?.conversation_id ?? conversations[conversation] ?? '',
      buyerId: chain?.buyer_id ?? buyers[conversation % 2] ?? '',
      correlationId: chain?.correlation_id ?? nextId(),
    };
    const now = new Date(at);
    const given = {
      trigger: isAgain ? ('message' as const) : trigger,
      facts: kind === null ? {} : { 'message.kind': kind },
      taken: isAgain && message !== undefined ? [...message.taken, ...decidedBy(message)] : [],
      now,
      timerRuleId: null,
    };
    const trace = evaluate({ number: 1, rules: set }, given, (rule) => denialIn(acts, rule, subject, now));
    const results = trace.flatMap((entry) =>
      isActing(entry) ? entry.actions.map((action) => resultOf(entry.rule.id, action)) : [],
    );
    acts.push(
      ...trace.flatMap((entry): Act[] => {
        const isDone = results.some(({ ruleId, decisionId }) => ruleId === entry.rule.id && decisionId !== null);
        return entry.outcome === 'matched' && (entry.rule.mode !== 'auto' || isDone)
          ? [{ ...subject, ruleId: entry.rule.id, mode: entry.rule.mode, at }]
          : [];
      }),
    );
    past.push({
      trigger: given.trigger,
      timer_rule_id: null,
      conversation_id: subject.conversationId as ConversationId,
      message_id: message?.message_id ?? (given.trigger === 'message' ? newId<MessageId>() : null),
      correlation_id: subject.correlationId,
      buyer_id: subject.buyerId,
      facts: given.facts,
      denials: Object.fromEntries(
        trace.flatMap((entry) =>
          entry.outcome === 'skipped' && isDenial(entry.reason) ? [[entry.rule.id, entry.reason]] : [],
        ),
      ),
      taken: given.taken,
      results,
      evaluated_at: now,
    });
  }
  return { past, acts };
}

const isDenial = (reason: string): reason is Denial => denials.some((one) => one === reason);
const isActing = (entry: TraceEntry): entry is TraceEntry & { outcome: 'matched' } =>
  entry.outcome === 'matched' && entry.rule.mode === 'auto';

function resultOf(ruleId: RuleId, { type }: Action) {
  const isDone = type !== 'workflow';
  return {
    ruleId,
    type,
    decisionId: isDone ? newId<DecisionId>() : null,
    code: isDone ? null : 'NOT_CARRIED_OUT',
    message: null,
  };
}

function decidedBy({ results }: PastEvent): ActionType[] {
  return results.flatMap(({ type, decisionId }) => (decisionId === null ? [] : (slotOf({ type, value: '' }) ?? [])));
}

function hasStopped(set: readonly RuleVersion[], { results }: PastEvent): boolean {
  return set.some(
    ({ id, stops }) => stops && results.some(({ ruleId, decisionId }) => ruleId === id && decisionId !== null),
  );
}

function denialIn(acts: readonly Act[], rule: RuleVersion, subject: Subject, now: Date): Denial | null {
  const own = acts.filter(({ ruleId }) => ruleId === rule.id);
  const isDone = own.some(({ correlationId }) => correlationId === subject.correlationId);
  const counts = countsWanted(rule, subject, now).map((wanted) => {
    const counted = own.filter(
      (act) =>
        act.mode === rule.mode &&
        act.at > wanted.since.getTime() &&
        (wanted.scope !== 'conversation' || act.conversationId === wanted.subjectId) &&
        (wanted.scope !== 'buyer' || act.buyerId === wanted.subjectId),
    );
    return [countKey(wanted), counted.length] as const;
  });
  return denialOf(rule, subject, { once: { has: () => isDone }, counts: new Map(counts) });
}

function replayed(
  set: readonly RuleVersion[],
  real: readonly RuleVersion[],
  { past, acts }: ReturnType<typeof live>,
  from = start,
  texts: Readonly<Record<string, string>> = {},
) {
  const before = acts.filter(({ at }) => at < from);
  const replay = createReplay({
    tenantId,
    set: compile({ number: 0, rules: set }),
    from: new Date(from),
    hasActed: (ruleId, correlationId) =>
      before.some((act) => act.ruleId === ruleId && act.correlationId === correlationId),
  });
  for (const act of before) {
    const rule = set.find(({ id, mode }) => id === act.ruleId && mode === act.mode);
    if (rule !== undefined) replay.ledger.count(rule, act, new Date(act.at));
  }
  const realSet = compile({ number: 1, rules: real });
  for (const one of past)
    if (one.evaluated_at.getTime() >= from) replay.step(one, realSet, texts[one.message_id ?? ''] ?? null);
  return replay.result();
}

test('the rules that were in force do what really happened, whatever the rules and events, and wherever it begins', () => {
  let matches = 0;
  let limited = 0;
  fc.assert(
    fc.property(
      rules,
      fc.array(event, { minLength: 10, maxLength: 40, size: 'max' }),
      fc.constantFrom(0, 0, 100, 600),
      (set, wanted, skipped) => {
        const lived = live(set, wanted);
        const result = replayed(set, set, lived, start + skipped * minuteMs);
        expect(result).toMatchObject({ changedEvents: 0, divergedConversations: 0, unreadableEvents: 0 });
        for (const one of result.rules) {
          expect(one).toMatchObject({ gained: 0, lost: 0, after: one.before, examples: [] });
          matches += one.after;
          limited += one.limited;
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(matches).toBeGreaterThan(500);
  expect(limited).toBeGreaterThan(20);
});

const always = (changes: Partial<RuleVersion>): RuleVersion => ({
  ...{
    id: newId<RuleId>(),
    version: 1,
    mode: 'auto',
    name: 'R',
    trigger: 'message',
    condition: { kind: 'all', of: [] },
  },
  ...{
    actions: [{ type: 'priority', value: 'high' }],
    stops: false,
    limits: [],
    afterMinutes: null,
    timeZone: 'UTC',
    schedule: [],
  },
  ...changes,
});
const messages = (...of: number[]): Wanted[] =>
  of.map((conversation) => ({ kind: 'text', trigger: 'message', conversation, minutes: 10, isInChain: false }));

test('what another limit or condition changes is counted for each rule, with examples', () => {
  const limited = always({ limits: [{ scope: 'buyer', times: 1, hours: 1 }] });
  const lived = live([limited], messages(0, 0, 1, 0, 0, 0, 0, 0));
  const free = replayed([{ ...limited, limits: [] }], [limited], lived);
  expect(free).toMatchObject({
    changedEvents: 5,
    rules: [{ before: 3, after: 8, gained: 5, lost: 0, limited: 0, writtenAgain: 6 }],
  });
  const never = replayed([{ ...limited, condition: leaf('image') }, always({ mode: 'shadow' })], [limited], lived);
  expect(never).toMatchObject({
    changedEvents: 3,
    rules: [
      { before: 3, after: 0, lost: 3 },
      { mode: 'shadow', after: 8 },
    ],
  });
  expect(never.rules[0]?.examples.map(({ change, messageId }) => [change, messageId])).toEqual(
    [0, 2, 6].map((n) => ['lost', lived.past[n]?.message_id]),
  );
  expect(replayed([], [limited], lived).rules).toMatchObject([{ mode: null, before: 3, after: 0, lost: 3 }]);
});

test('after another reply than before, the rest of the conversation is not replayed', () => {
  const reply = always({ actions: [{ type: 'reply', value: 'a' }] });
  const lived = live([reply], messages(0, 1, 0, 0, 1));
  const other: RuleVersion = { ...reply, actions: [{ type: 'reply', value: 'b' }] };
  expect(replayed([other], [reply], lived)).toMatchObject({
    ...{ changedEvents: 2, divergedConversations: 2, divergedEvents: 3 },
    rules: [{ before: 2, after: 2, gained: 0 }],
  });
});

test('words that no rule looked for then are looked for in the text; without it the event is left out', () => {
  const words = (value: string): Condition => ({
    kind: 'leaf',
    field: 'message.words',
    op: 'contains',
    values: [value],
  });
  const known = always({ condition: words('refund') });
  const { past } = live([known], messages(0, 1));
  const lived = { past: past.map((one) => ({ ...one, facts: { 'message.words': ['refund'] } })), acts: [] };
  expect(replayed([known], [known], lived)).toMatchObject({ unreadableEvents: 0, rules: [{ after: 2 }] });
  const texts = { [past[0]?.message_id ?? '']: 'refund my MONEY' };
  const other = [{ ...known, condition: words('money') }];
  expect(replayed(other, [known], lived, start, texts)).toMatchObject({ unreadableEvents: 1, rules: [{ after: 1 }] });
});

test('a rule that stops the others keeps them from the message when its order is found as well', () => {
  const first = always({});
  const second = always({ condition: leaf('image'), actions: [{ type: 'tag', value: 'seen' }] });
  const [message] = messages(0);
  const again: Wanted[] = message === undefined ? [] : [message, { ...message, trigger: 'again', kind: 'image' }];
  const lived = live([first, second], again);
  expect(replayed([first, second], [first, second], lived).rules).toMatchObject([{ after: 1 }, { after: 1 }]);
  expect(replayed([{ ...first, stops: true }, second], [first, second], lived).rules).toMatchObject([
    { after: 1 },
    { after: 0, lost: 1 },
  ]);
});
