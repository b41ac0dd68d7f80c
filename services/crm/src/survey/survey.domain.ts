import type {
  ChannelAccountId,
  ConversationId,
  CustomerId,
  DecisionId,
  SurveyPolicyId,
  TenantId,
} from '@crossdesk/contracts';
import { accept, type Decision, refuse, refuseText } from '@crossdesk/service-kit/decision';
import { surveyMarginMs } from '../outreach/gate.domain.ts';
import { type LocalText, refuseTexts } from '../outreach/outreach.domain.ts';

/** When and how a workspace asks how satisfied a buyer is, from 1 (not at all) to 5 (very). */
export interface SurveyPolicy {
  readonly tenantId: TenantId;
  readonly id: SurveyPolicyId;
  /** Chosen by the workspace. */
  readonly key: string;
  /** Only these stores; empty: every store that no other policy names. */
  readonly accountIds: readonly ChannelAccountId[];
  /** Empty: the texts in the code. */
  readonly texts: readonly LocalText[];
  readonly isOn: boolean;
  /** Conversations that were handled before are not asked about. */
  readonly onSince: Date;
  /** How long after a conversation was handled. */
  readonly delayMinutes: number;
  /** The same where buyers read mail. */
  readonly mailDelayMinutes: number;
  readonly version: number;
}

export interface SurveyPolicyWish extends Omit<SurveyPolicy, 'tenantId' | 'id' | 'onSince' | 'version'> {
  /** 0 for a policy that does not exist yet. */
  readonly expectedVersion: number;
}

export const delayMinutesDefault = 15;
export const mailDelayMinutesDefault = 24 * 60;
const delayMinutesMax = 7 * 24 * 60;
const keyCharactersMax = 60;
const accountsMax = 200;

/** Sets a policy. Switching it on begins now: what was handled before is not asked about. */
export function setPolicy(
  known: SurveyPolicy | null,
  { expectedVersion, ...wish }: SurveyPolicyWish,
  fresh: Pick<SurveyPolicy, 'tenantId' | 'id'>,
  now: Date,
): Decision<SurveyPolicy, 'INVALID_INPUT' | 'VERSION_CONFLICT'> {
  const version = known?.version ?? 0;
  if (version !== expectedVersion) {
    const message = `The policy has changed: read it again, then send expectedVersion ${version}.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  const refusal =
    refuseText('key', wish.key, keyCharactersMax) ?? (wish.texts.length > 0 ? refuseTexts('survey', wish.texts) : null);
  if (refusal !== null) return refusal;
  for (const field of ['delayMinutes', 'mailDelayMinutes'] as const)
    if (wish[field] < 1 || wish[field] > delayMinutesMax)
      return refuse('INVALID_INPUT', field, `Wait for 1 to ${delayMinutesMax} minutes (7 days).`);
  if (wish.accountIds.length > accountsMax)
    return refuse('INVALID_INPUT', 'accountIds', `Name at most ${accountsMax} stores; none for all.`);
  const onSince = known !== null && known.isOn && wish.isOn ? known.onSince : now;
  const { tenantId, id } = known ?? fresh;
  return accept({ ...wish, tenantId, id, onSince, version: version + 1 });
}

/** The policy of a store: one that names it, or else one for all; of several, the oldest. */
export function policyFor(policies: readonly SurveyPolicy[], accountId: ChannelAccountId): SurveyPolicy | null {
  const byAge = policies.filter(({ isOn }) => isOn).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const naming = byAge.find(({ accountIds }) => accountIds.includes(accountId));
  return naming ?? byAge.find(({ accountIds }) => accountIds.length === 0) ?? null;
}

/** Whether something is owed in a conversation, as far as surveys follow it. */
export interface Round {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly cycle: number;
  readonly isOpen: boolean;
  /** Of the survey of this cycle; null: none was planned. */
  readonly subject: string | null;
}

export interface RoundNews extends Pick<Round, 'tenantId' | 'conversationId' | 'accountId' | 'cycle'> {
  readonly isHandled: boolean;
  /** A person of the seller has written. */
  readonly isReply: boolean;
}

export interface RoundStep {
  readonly round: Round | null;
  /** Plan: it is handled now. Postpone: it is, and somebody still writes. Cancel: it is opened again. */
  readonly act: 'plan' | 'postpone' | 'cancel' | null;
}

/** What an event of a conversation means for its survey. What was handled when it is first seen is not asked about. */
export function follow(round: Round | null, { isHandled, isReply, ...place }: RoundNews): RoundStep {
  const subject = round !== null && round.cycle === place.cycle ? round.subject : null;
  if (!isHandled) return { round: { ...place, isOpen: true, subject }, act: round?.isOpen === false ? 'cancel' : null };
  if (round === null) return { round: null, act: null };
  const after = { ...place, isOpen: false, subject };
  if (round.isOpen) return { round: after, act: 'plan' };
  return { round: after, act: isReply ? 'postpone' : null };
}

const mailChannels: readonly string[] = ['email'];

/** Until the gate looks at what is due. */
const gateMs = 60_000;

/**
 * When a survey is due: a while after the conversation was handled, but before the last 10 minutes of the window of the channel. What is
 * due in a window that is closed is left to the gate, which says so.
 */
export function surveyDueAt(
  { delayMinutes, mailDelayMinutes }: Pick<SurveyPolicy, 'delayMinutes' | 'mailDelayMinutes'>,
  {
    channel,
    handledAt,
    closesAt,
  }: { readonly channel: string; readonly handledAt: Date; readonly closesAt: Date | null },
): Date {
  const minutes = mailChannels.includes(channel) ? mailDelayMinutes : delayMinutes;
  const due = handledAt.getTime() + minutes * 60_000;
  const last = closesAt === null ? due : closesAt.getTime() - surveyMarginMs - gateMs;
  return new Date(Math.max(handledAt.getTime(), Math.min(due, last)));
}

/** A survey that was sent, and its answer. */
export interface Survey {
  readonly tenantId: TenantId;
  readonly id: DecisionId;
  readonly policyId: SurveyPolicyId;
  readonly conversationId: ConversationId;
  readonly cycle: number;
  readonly accountId: ChannelAccountId;
  readonly profileId: CustomerId;
  readonly sentAt: Date;
  readonly score: number | null;
  readonly answeredAt: Date | null;
  readonly version: number;
}

/** An answer, or another one: the last counts. The same again changes nothing, and so does one from before. */
export function answered(survey: Survey, score: number, at: Date): Survey {
  const isOld = survey.answeredAt !== null && at < survey.answeredAt;
  if (survey.score === score || isOld) return survey;
  return { ...survey, score, answeredAt: at, version: survey.version + 1 };
}

/** How satisfied buyers are, as far as they say. */
export interface Csat {
  readonly sent: number;
  readonly answered: number;
  /** Of those that were sent; null without any. */
  readonly responseRate: number | null;
  /** Of the scores; null without any. */
  readonly mean: number | null;
  readonly distribution: readonly { readonly score: number; readonly count: number }[];
}

const scores = [1, 2, 3, 4, 5];

export function csatOf(sent: number, counts: ReadonlyMap<number, number>): Csat {
  const distribution = scores.map((score) => ({ score, count: counts.get(score) ?? 0 }));
  const answers = distribution.reduce((sum, { count }) => sum + count, 0);
  const total = distribution.reduce((sum, { score, count }) => sum + score * count, 0);
  return {
    sent,
    answered: answers,
    responseRate: sent === 0 ? null : answers / sent,
    mean: answers === 0 ? null : total / answers,
    distribution,
  };
}
