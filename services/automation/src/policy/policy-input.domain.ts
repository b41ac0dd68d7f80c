import { orderStates, parseId, type TemplateId } from '@crossdesk/contracts';
import { parseChannel } from '@crossdesk/channels';
import { accept, type Decision, type UserError } from '@crossdesk/service-kit/decision';
import type { Intent, RiskClass } from '../analysis/labels.domain.ts';
import { invalid } from '../rule/condition-input.domain.ts';
import { type Report, readSchedule, readTimeZone, type WrittenHours } from '../rule/rule-input.domain.ts';
import type { AnswerPolicy, HandOverPolicy, Policy, PolicyMode } from './policy.domain.ts';

export interface WrittenAnswer {
  readonly intent: Intent;
  readonly channels: readonly string[];
  readonly markets: readonly string[];
  readonly orderStates: readonly string[];
  readonly templateId: string;
  readonly minScore: number | null;
}

export interface WrittenHandOver {
  readonly templateId: string;
  readonly isOnlyOutsideHours: boolean;
  readonly answerWithinMinutes: number;
  readonly hours: readonly WrittenHours[];
  readonly timeZone: string;
}

/** A policy as people write it. */
export interface WrittenPolicy {
  readonly mode: PolicyMode;
  readonly waitSeconds: number;
  readonly answers: readonly WrittenAnswer[];
  readonly askForOrderTemplateId: string | null;
  readonly humanRisks: readonly RiskClass[];
  readonly answersPerDayMax: number;
  readonly handOver: WrittenHandOver | null;
}

const waitSecondsMax = 300;
const answersMax = 200;
const perDayMax = 20;
/** A week. */
const withinMinutesMax = 10_080;
const problemsMax = 20;

/** Decodes a policy; all problems are named at once, with their places. */
export function readPolicyInput(written: WrittenPolicy): Decision<Policy, 'INVALID_INPUT'> {
  const problems: UserError<'INVALID_INPUT'>[] = [];
  const report: Report = (path, message) => problems.push(invalid(['input', ...path], message));
  const policy: Policy = {
    mode: written.mode,
    waitSeconds: within(written.waitSeconds, 0, waitSecondsMax, () =>
      report(['waitSeconds'], `Write 0 to ${waitSecondsMax} seconds.`),
    ),
    content: {
      answers: readAnswers(written.answers, report),
      askForOrderTemplateId:
        written.askForOrderTemplateId === null
          ? null
          : readTemplate(written.askForOrderTemplateId, ['askForOrderTemplateId'], report),
      humanRisks: [...new Set(written.humanRisks)],
      answersPerDayMax: within(written.answersPerDayMax, 1, perDayMax, () =>
        report(['answersPerDayMax'], `Write 1 to ${perDayMax}.`),
      ),
      handOver: written.handOver === null ? null : readHandOver(written.handOver, report),
    },
  };
  return problems.length > 0 ? { ok: false, errors: problems.slice(0, problemsMax) } : accept(policy);
}

function within(value: number, min: number, max: number, complain: () => void): number {
  if (!Number.isFinite(value) || value < min || value > max) complain();
  return value;
}

function readAnswers(answers: readonly WrittenAnswer[], report: Report): AnswerPolicy[] {
  if (answers.length > answersMax) report(['answers'], `At most ${answersMax} answers are allowed.`);
  return answers.slice(0, answersMax).map((answer, n) => {
    const at = (field: string) => ['answers', n, field];
    answer.channels.forEach((channel) => {
      if (parseChannel(channel) === null) report(at('channels'), `There is no channel ${channel}.`);
    });
    answer.markets.forEach((market) => {
      if (!/^[A-Z]{2}$/.test(market))
        report(at('markets'), 'Write ISO 3166-1 codes of two capital letters, for instance BR.');
    });
    answer.orderStates.forEach((state) => {
      if (!orderStates.some((one) => one === state))
        report(at('orderStates'), `Write some of: ${orderStates.join(', ')}.`);
    });
    const { minScore } = answer;
    if (minScore !== null && !(minScore >= 0.3 && minScore <= 1)) report(at('minScore'), 'Write 0.3 to 1, or omit it.');
    return { ...answer, templateId: readTemplate(answer.templateId, at('templateId'), report) };
  });
}

function readTemplate(text: string, path: readonly (string | number)[], report: Report): TemplateId {
  const id = parseId<TemplateId>(text);
  if (id === null) report(path, 'Write the id of a template.');
  // A policy with a problem is not saved.
  return id ?? noTemplate;
}

const noTemplate = '' as TemplateId;

function readHandOver(written: WrittenHandOver, report: Report): HandOverPolicy {
  const here: Report = (path, message) => report(['handOver', ...path], message);
  return {
    templateId: readTemplate(written.templateId, ['templateId'], here),
    isOnlyOutsideHours: written.isOnlyOutsideHours,
    answerWithinMinutes: within(written.answerWithinMinutes, 1, withinMinutesMax, () =>
      here(['answerWithinMinutes'], `Write 1 to ${withinMinutesMax} minutes.`),
    ),
    hours: readSchedule(written.hours, (path, message) =>
      here(
        path.map((part) => (part === 'schedule' ? 'hours' : part)),
        message,
      ),
    ),
    timeZone: readTimeZone(written.timeZone, here),
  };
}
