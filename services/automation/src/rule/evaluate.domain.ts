import { judge } from '@crossdesk/condition';
import type { RuleId } from '@crossdesk/contracts';
import type { Leaf } from './condition.domain.ts';
import type { Facts } from './field.domain.ts';
import { isOpen, localTime, type LocalTime } from './rule-time.domain.ts';
import { type Action, type ActionType, type RuleSet, type RuleVersion, slotOf, type Trigger } from './rule.domain.ts';

/** Why a rule may not act again: for this chain of events, or because of a limit. */
export const denials = ['once', 'conversation-limit', 'buyer-limit', 'workspace-limit'] as const;
export type Denial = (typeof denials)[number];

export const skips = [
  'off',
  'other-trigger',
  'later',
  'stopped',
  'outside-schedule',
  'slots-taken',
  ...denials,
] as const;
export type Skip = (typeof skips)[number];

/** What became of a rule for one event. */
export type TraceEntry = { readonly rule: RuleVersion } & (
  | { readonly outcome: 'matched'; readonly actions: readonly Action[] }
  /** `leaf`: the first one that decided it. */
  | { readonly outcome: 'false' | 'unknown'; readonly leaf: Leaf | null }
  | { readonly outcome: 'skipped'; readonly reason: Skip }
);

/** What was known about one event. */
export interface Occurrence {
  readonly trigger: Trigger;
  readonly facts: Facts;
  readonly now: Date;
  /** What rules have decided already about the same message. */
  readonly taken: readonly ActionType[];
  /** The rule whose time has come, and no other; null: all rules that look at once. */
  readonly timerRuleId: RuleId | null;
}

/** What one rule wants done about one event. */
export interface Wanted {
  readonly ruleId: RuleId;
  readonly ruleVersion: number;
  readonly mode: 'auto' | 'suggest' | 'shadow';
  readonly action: Action;
}

/**
 * Evaluates the rules in their order. A rule that acts (mode auto) takes the slots of its actions: later rules cannot
 * decide the same again. Rules in other modes take nothing and stop nothing. The result depends on the arguments alone.
 */
export function evaluate(
  { rules }: RuleSet,
  { trigger, facts, now, taken: before, timerRuleId }: Occurrence,
  denialOf: (rule: RuleVersion) => Denial | null,
): TraceEntry[] {
  const taken = new Set(before);
  const inZone = zones(facts, now);
  let isStopped = false;
  return rules.map((rule): TraceEntry => {
    const reason = skipOf(rule, { trigger, timerRuleId, isStopped, inZone });
    if (reason !== null) return { rule, outcome: 'skipped', reason };
    const { verdict, leaf } = judge(rule.condition, inZone(rule.timeZone).facts);
    if (verdict !== 'TRUE') return { rule, outcome: verdict === 'FALSE' ? 'false' : 'unknown', leaf };
    const denial = denialOf(rule);
    if (denial !== null) return { rule, outcome: 'skipped', reason: denial };
    const actions = rule.actions.filter((action) => isFree(taken, action));
    if (actions.length === 0) return { rule, outcome: 'skipped', reason: 'slots-taken' };
    if (rule.mode === 'auto') {
      for (const action of actions) taken.add(action.type);
      isStopped = rule.stops;
    }
    return { rule, outcome: 'matched', actions };
  });
}

function isFree(taken: ReadonlySet<ActionType>, action: Action): boolean {
  const slot = slotOf(action);
  return slot === null || !taken.has(slot);
}

function skipOf(rule: RuleVersion, { trigger, timerRuleId, isStopped, inZone }: Turn): Skip | null {
  const { mode, schedule, timeZone } = rule;
  if (mode === 'off') return 'off';
  if (rule.trigger !== trigger || (timerRuleId !== null && rule.id !== timerRuleId)) return 'other-trigger';
  if (timerRuleId === null && rule.afterMinutes !== null) return 'later';
  if (isStopped) return 'stopped';
  return isOpen(schedule, inZone(timeZone).time) ? null : 'outside-schedule';
}

interface Turn extends Pick<Occurrence, 'trigger' | 'timerRuleId'> {
  readonly isStopped: boolean;
  readonly inZone: (timeZone: string) => Zone;
}

interface Zone {
  readonly time: LocalTime;
  readonly facts: Facts;
}

/** Most rules of a workspace share one time zone. */
function zones(facts: Facts, now: Date): (timeZone: string) => Zone {
  const known = new Map<string, Zone>();
  return (timeZone) => {
    const found = known.get(timeZone) ?? zoneOf(facts, localTime(now, timeZone));
    known.set(timeZone, found);
    return found;
  };
}

function zoneOf(facts: Facts, time: LocalTime): Zone {
  return { time, facts: { ...facts, 'time.hour': Math.floor(time.minute / 60), 'time.weekday': time.weekday } };
}

/** What is known for the rules of a time zone. */
export function factsIn(facts: Facts, now: Date, timeZone: string): Facts {
  return zoneOf(facts, localTime(now, timeZone)).facts;
}

/** The rules whose conditions hold, whatever the others do: only these may act. */
export function candidates({ rules }: RuleSet, { trigger, timerRuleId, facts, now }: Occurrence): RuleVersion[] {
  const inZone = zones(facts, now);
  return rules.filter(
    (rule) =>
      skipOf(rule, { trigger, timerRuleId, isStopped: false, inZone }) === null &&
      judge(rule.condition, inZone(rule.timeZone).facts).verdict === 'TRUE',
  );
}

/** What the rules want done, in their order. */
export function wantedBy(trace: readonly TraceEntry[]): Wanted[] {
  return trace.flatMap((entry) => {
    const { mode, id, version } = entry.rule;
    if (entry.outcome !== 'matched' || mode === 'off') return [];
    return entry.actions.map((action) => ({ ruleId: id, ruleVersion: version, mode, action }));
  });
}
