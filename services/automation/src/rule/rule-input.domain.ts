import type { WrittenCondition } from '@crossdesk/condition';
import { parseId } from '@crossdesk/contracts';
import { accept, type Decision, isBlank, type UserError } from '@crossdesk/service-kit/decision';
import { invalid, readCondition } from './condition-input.domain.ts';
import { conversationStates, type Weekday } from './field.domain.ts';
import {
  type Action,
  type Hours,
  type Limit,
  type LimitScope,
  priorities,
  type RuleContent,
  type Trigger,
} from './rule.domain.ts';
import { canonicalTimeZone } from './rule-time.domain.ts';

type Problem = UserError<'INVALID_INPUT'>;
type Path = readonly (string | number)[];
export type Report = (path: Path, message: string) => void;

/** A rule as people write it. */
export interface WrittenRule {
  readonly name: string;
  readonly trigger: Trigger;
  readonly afterMinutes: number | null;
  readonly condition: WrittenCondition;
  readonly actions: readonly Action[];
  readonly stops: boolean;
  readonly limits: readonly { readonly scope: LimitScope; readonly times: number; readonly hours: number }[];
  readonly timeZone: string;
  readonly schedule: readonly WrittenHours[];
}

export interface WrittenHours {
  readonly weekdays: readonly Weekday[];
  readonly from: string;
  readonly to: string;
}

const nameCharactersMax = 100;
const actionsMax = 10;
const hoursMax = 14;
/** 30 days. */
const afterMinutesMax = 43_200;
const limitTimesMax = 10_000;
export const limitHoursMax = 840;
const wordsCharactersMax = 500;
const tagCharactersMax = 50;
const problemsMax = 20;

/** Decodes a rule; all problems are named at once, with their places. */
export function readRule(written: WrittenRule, path: Path): Decision<RuleContent, 'INVALID_INPUT'> {
  const problems: Problem[] = [];
  const report: Report = (place, message) => problems.push(invalid([...path, ...place], message));
  const content: RuleContent = {
    name: readName(written.name, report),
    trigger: written.trigger,
    afterMinutes: readAfter(written, report),
    condition: readCondition(written.condition, ['condition'], report),
    actions: readActions(written, report),
    stops: written.stops,
    limits: readLimits(written.limits, report),
    timeZone: readTimeZone(written.timeZone, report),
    schedule: readSchedule(written.schedule, report),
  };
  return problems.length > 0 ? { ok: false, errors: problems.slice(0, problemsMax) } : accept(content);
}

function readName(name: string, report: Report): string {
  if (isBlank(name) || name.length > nameCharactersMax)
    report(['name'], `Write a name of at most ${nameCharactersMax} characters.`);
  return name.trim();
}

function readAfter({ afterMinutes, trigger }: WrittenRule, report: Report): number | null {
  if (afterMinutes !== null && trigger === 'turn')
    report(
      ['afterMinutes'],
      'A rule that looks at turns looks when they end: write the trigger MESSAGE to look later.',
    );
  if (afterMinutes !== null && (afterMinutes < 1 || afterMinutes > afterMinutesMax))
    report(['afterMinutes'], `Write 1 to ${afterMinutesMax} minutes.`);
  return afterMinutes;
}

function readActions({ actions, trigger, afterMinutes }: WrittenRule, report: Report): Action[] {
  if (actions.length === 0 || actions.length > actionsMax) report(['actions'], `Write 1 to ${actionsMax} actions.`);
  const read = actions.slice(0, actionsMax).flatMap((action, n) => {
    const value = readActionValue(action);
    if (value === null) report(['actions', n, 'value'], actionHelp[action.type]);
    if (action.type === 'reply' && trigger !== 'turn' && trigger !== 'order' && afterMinutes === null)
      report(
        ['actions', n, 'type'],
        'A rule that replies waits until the buyer has written all: write the trigger TURN.',
      );
    return value === null ? [] : [{ type: action.type, value }];
  });
  read.forEach(({ type, value }, n) => {
    const isRepeated = read.slice(0, n).some((one) => one.type === type && (type !== 'tag' || one.value === value));
    if (isRepeated) report(['actions', n], 'The rule has this action already: only tags can be several.');
  });
  return read;
}

const actionHelp = {
  reply: 'Write the id of a template.',
  tag: `Write a tag of at most ${tagCharactersMax} characters.`,
  assign: 'Write the id of an agent.',
  state: `Write one of: ${conversationStates.join(', ')}.`,
  priority: `Write one of: ${priorities.join(', ')}.`,
  escalate: `Write the reason that colleagues read, of at most ${wordsCharactersMax} characters.`,
  workflow: 'Write the name of a workflow: at most 40 letters, digits and _, for instance REFUND.',
} as const;

/** The value in its usual spelling; null if it cannot be one. */
function readActionValue({ type, value }: Action): string | null {
  const text = value.trim();
  switch (type) {
    case 'reply':
    case 'assign':
      return parseId(text);
    case 'state':
      return conversationStates.find((state) => state === text.toLowerCase()) ?? null;
    case 'priority':
      return priorities.find((priority) => priority === text.toLowerCase()) ?? null;
    case 'workflow':
      return /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(text) ? text.toUpperCase() : null;
    case 'tag':
      return isBlank(text) || text.length > tagCharactersMax ? null : text;
    case 'escalate':
      return isBlank(text) || text.length > wordsCharactersMax ? null : text;
  }
}

function readLimits(limits: readonly Limit[], report: Report): Limit[] {
  limits.forEach(({ scope, times, hours }, n) => {
    if (times < 1 || times > limitTimesMax) report(['limits', n, 'times'], `Write 1 to ${limitTimesMax}.`);
    if (hours < 1 || hours > limitHoursMax) report(['limits', n, 'hours'], `Write 1 to ${limitHoursMax} hours.`);
    if (limits.findIndex((limit) => limit.scope === scope) < n)
      report(['limits', n], 'There is a limit of this scope already.');
  });
  return limits.map(({ scope, times, hours }) => ({ scope, times, hours }));
}

export function readTimeZone(text: string, report: Report): string {
  const timeZone = canonicalTimeZone(text);
  if (timeZone === null) report(['timeZone'], 'Write a time zone of the tz database, for instance America/Sao_Paulo.');
  return timeZone ?? 'UTC';
}

export function readSchedule(schedule: readonly WrittenHours[], report: Report): Hours[] {
  if (schedule.length > hoursMax) report(['schedule'], `At most ${hoursMax} entries are allowed.`);
  return schedule.slice(0, hoursMax).map(({ weekdays, from, to }, n) => {
    const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
    if (weekdays.length === 0) report(['schedule', n, 'weekdays'], 'Name at least one weekday.');
    if (fromMinute === null) report(['schedule', n, 'from'], timeHelp);
    if (toMinute === null) report(['schedule', n, 'to'], timeHelp);
    if (fromMinute !== null && fromMinute === toMinute)
      report(['schedule', n, 'to'], 'The hours end when they begin: write 00:00 to 24:00 for a whole day.');
    return { weekdays: [...new Set(weekdays)], fromMinute: fromMinute ?? 0, toMinute: toMinute ?? 0 };
  });
}

const timeHelp = 'Write a time of day, for instance 09:30.';

function minuteOf(text: string): number | null {
  const found = /^([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(text);
  if (found !== null) return Number(found[1]) * 60 + Number(found[2]);
  return text === '24:00' ? 24 * 60 : null;
}
