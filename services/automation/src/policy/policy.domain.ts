import type { TemplateId } from '@crossdesk/contracts';
import type { FoundIntent } from '../analysis/understanding.domain.ts';
import { type Intent, type RiskClass, riskClasses } from '../analysis/labels.domain.ts';
import type { Hours } from '../rule/rule.domain.ts';
import { isOpen, localTime } from '../rule/rule-time.domain.ts';

export const policyModes = ['off', 'shadow', 'auto'] as const;
/** off: only rules answer; shadow: what would be answered is recorded. */
export type PolicyMode = (typeof policyModes)[number];

/** A question that a machine may answer, and with what. An empty list: any. */
export interface AnswerPolicy {
  readonly intent: Intent;
  readonly channels: readonly string[];
  /** ISO 3166-1, of the recipient of the order. */
  readonly markets: readonly string[];
  /** The states of the order in which the template is right. */
  readonly orderStates: readonly string[];
  readonly templateId: TemplateId;
  /** From which probability of the intent on; null: where the model is certain, 95 % of the time right on its development set. */
  readonly minScore: number | null;
}

/** What the buyer is told when a person has to answer. */
export interface HandOverPolicy {
  readonly templateId: TemplateId;
  /** Whether they are told at any time, or only while nobody works. */
  readonly isOnlyOutsideHours: boolean;
  /** How long after the beginning of work, or after the message, the answer is promised. */
  readonly answerWithinMinutes: number;
  /** When people work; empty: always. */
  readonly hours: readonly Hours[];
  /** IANA. */
  readonly timeZone: string;
}

/** What people set, besides the mode. */
export interface PolicyContent {
  /** The first one that applies counts. */
  readonly answers: readonly AnswerPolicy[];
  /** Asks for the order number, once in 24 hours, where an answer needs the order; null: a person is called. */
  readonly askForOrderTemplateId: TemplateId | null;
  /** A message with one of these risks is for people. */
  readonly humanRisks: readonly RiskClass[];
  /** Answers of a machine in a conversation within 24 hours. */
  readonly answersPerDayMax: number;
  readonly handOver: HandOverPolicy | null;
}

export interface Policy {
  readonly mode: PolicyMode;
  readonly waitSeconds: number;
  readonly content: PolicyContent;
}

/** As long as nothing was set. */
export const defaultPolicy: Policy = {
  mode: 'off',
  waitSeconds: 6,
  content: {
    answers: [],
    askForOrderTemplateId: null,
    humanRisks: riskClasses,
    answersPerDayMax: 3,
    handOver: null,
  },
};

/** What is asked, where, and about which order. */
export interface Question {
  readonly intents: readonly FoundIntent[];
  readonly channel: string;
  readonly market: string | null;
  /** Null if it is not sure which order it is about. */
  readonly orderState: string | null;
  /** Whether it has a question mark. */
  readonly isQuestion: boolean;
}

export type Choice =
  | { readonly kind: 'answer'; readonly answer: AnswerPolicy }
  | {
      readonly kind: 'none';
      readonly code:
        'NO_ANSWER_NEEDED' | 'INTENT_UNCERTAIN' | 'INTENT_NOT_ALLOWED' | 'SEVERAL_QUESTIONS' | 'ORDER_UNKNOWN';
      readonly intent: Intent | null;
    };

/** The answer to all that the buyer asks, or why a machine has none. */
export function chooseAnswer({ answers }: PolicyContent, question: Question): Choice {
  const { intents } = question;
  const none = (code: Extract<Choice, { kind: 'none' }>['code'], intent: Intent | null = null): Choice => ({
    kind: 'none',
    code,
    intent,
  });
  const sure = intents.filter((found) => isSure(found, answers));
  const asked = sure.filter(({ intent }) => intent !== 'thanks_other');
  if (asked.length === 0) {
    // Thanks need no answer; with a question mark something else may be asked.
    const isDone = sure.length > 0 && !question.isQuestion;
    return none(isDone ? 'NO_ANSWER_NEEDED' : 'INTENT_UNCERTAIN', intents[0]?.intent);
  }
  const chosen: AnswerPolicy[] = [];
  for (const { intent } of asked) {
    const here = answers.filter((answer) => answer.intent === intent && isFor(answer, question));
    if (here.length === 0) return none('INTENT_NOT_ALLOWED', intent);
    const answer = here.find(({ orderStates }) => orderStates.length === 0 || has(orderStates, question.orderState));
    if (answer === undefined)
      return none(question.orderState === null ? 'ORDER_UNKNOWN' : 'INTENT_NOT_ALLOWED', intent);
    chosen.push(answer);
  }
  const [first] = chosen;
  const isOne = chosen.every(({ templateId }) => templateId === first?.templateId);
  return first !== undefined && isOne ? { kind: 'answer', answer: first } : none('SEVERAL_QUESTIONS', first?.intent);
}

/** Certain for the model, or likely enough for those who set the policy. */
function isSure({ intent, score, isCertain }: FoundIntent, answers: readonly AnswerPolicy[]): boolean {
  const scores = answers.filter((answer) => answer.intent === intent).map(({ minScore }) => minScore);
  return isCertain || scores.some((minScore) => minScore !== null && score >= minScore);
}

function isFor({ channels, markets }: AnswerPolicy, { channel, market }: Question): boolean {
  return (channels.length === 0 || has(channels, channel)) && (markets.length === 0 || has(markets, market));
}

function has(list: readonly string[], value: string | null): boolean {
  return value !== null && list.includes(value);
}

const stepMs = 15 * 60_000;
const searchedMs = 15 * 86_400_000;

/** Whether people work now, and when they will have answered. */
export function promiseAt(
  { hours, timeZone, answerWithinMinutes }: HandOverPolicy,
  now: Date,
): { readonly isAtWork: boolean; readonly by: Date } {
  const isAtWork = isOpen(hours, localTime(now, timeZone));
  let begin = now.getTime();
  while (!isOpen(hours, localTime(new Date(begin), timeZone)) && begin < now.getTime() + searchedMs)
    begin = Math.floor(begin / stepMs + 1) * stepMs;
  return { isAtWork, by: new Date(begin + answerWithinMinutes * 60_000) };
}

/** The values of a promise for the variables of templates. */
export function valuesOfPromise(by: Date, timeZone: string, now: Date): ReadonlyMap<string, string> {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const),
    hourCycle: 'h23',
    timeZone,
  });
  const part = new Map(format.formatToParts(by).map(({ type, value }) => [type, value]));
  const hours = Math.max(1, Math.ceil((by.getTime() - now.getTime()) / 3_600_000));
  return new Map([
    ['promisedDate', ['year', 'month', 'day'].map((name) => part.get(name as 'year')).join('-')],
    ['promisedTime', `${part.get('hour')}:${part.get('minute')}`],
    ['promisedZone', timeZone],
    ['promisedHours', String(hours)],
  ]);
}
