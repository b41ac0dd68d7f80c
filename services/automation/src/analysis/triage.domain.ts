import type { MessageId } from '@crossdesk/contracts';
import { type Intent, type RiskClass, riskClasses } from './labels.domain.ts';
import type { MoodLabel } from './mood.domain.ts';
import type { Understanding } from './understanding.domain.ts';

export interface TriageRisk {
  readonly class: RiskClass;
  readonly score: number;
  /** The message that shows it most clearly. */
  readonly messageId: MessageId;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export const priorityReasons = ['risk', 'mood', 'complaint', 'urgency', 'intent'] as const;
export type PriorityReason = (typeof priorityReasons)[number];

export interface PriorityPart {
  readonly reason: PriorityReason;
  readonly points: number;
}

/** What a conversation is about and how much it presses; the parts add up to the priority, which is 100 at most. */
export interface Triage {
  readonly enquiryType: Intent | null;
  readonly risks: readonly TriageRisk[];
  readonly priority: number;
  readonly parts: readonly PriorityPart[];
  /** Name and version of the model. */
  readonly model: string;
}

export interface TriagedMessage {
  readonly messageId: MessageId;
  readonly at: number;
  readonly understanding: Understanding;
  readonly mood: MoodLabel;
}

const riskPoints: Readonly<Record<RiskClass, number>> = {
  safety: 45,
  legal_threat: 40,
  chargeback: 40,
  regulator: 35,
  fraud_accusation: 30,
  public_exposure: 30,
  bad_review: 25,
  privacy_request: 20,
  anger: 20,
};
const moodPoints: Readonly<Record<MoodLabel, number>> = { calm: 0, tense: 10, angry: 20 };
const complaintPoints = 10;
const urgencyPoints = 15;
const intentPoints: Readonly<Record<Intent, number>> = {
  order_status: 5,
  logistics: 8,
  refund: 10,
  return_exchange: 6,
  cancel_order: 10,
  product_question: 2,
  complaint_quality: 10,
  change_address: 10,
  payment_issue: 10,
  invoice: 2,
  discount: 1,
  thanks_other: 0,
};
const priorityMax = 100;
/** A risk is forgotten when no message showed it for so long. */
const riskKeptMs = 14 * 86_400_000;

/** The triage after one more message of the buyer. */
export function triageAfter(before: Triage | null, message: TriagedMessage): Triage {
  const { understanding, mood } = message;
  const enquiryType = enquiryAfter(before?.enquiryType ?? null, understanding);
  const risks = risksAfter(before?.risks ?? [], message);
  const strongest = risks.reduce((most, risk) => Math.max(most, riskPoints[risk.class] * risk.score), 0);
  const points: Record<PriorityReason, number> = {
    risk: strongest,
    mood: moodPoints[mood],
    complaint: complaintPoints * understanding.complaint,
    urgency: urgencyPoints * understanding.urgency,
    intent: enquiryType === null ? 0 : intentPoints[enquiryType],
  };
  const parts = priorityReasons
    .map((reason) => ({ reason, points: Math.round(points[reason]) }))
    .filter((part) => part.points > 0);
  const priority = Math.min(
    priorityMax,
    parts.reduce((sum, part) => sum + part.points, 0),
  );
  return { enquiryType, risks, priority, parts, model: understanding.model };
}

/** A message that may well want something else says nothing about the conversation. */
const guessMin = 0.3;

/** Small talk and guesses do not change what a conversation is about. */
function enquiryAfter(before: Intent | null, { intents }: Understanding): Intent | null {
  const [best] = intents.filter(({ intent, score }) => intent !== 'thanks_other' && score >= guessMin);
  if (best === undefined) return before ?? intents.find(({ intent }) => intent === 'thanks_other')?.intent ?? null;
  return best.isCertain || before === null || before === 'thanks_other' ? best.intent : before;
}

function risksAfter(before: readonly TriageRisk[], { messageId, at, understanding }: TriagedMessage): TriageRisk[] {
  const kept = before.filter((risk) => risk.messageId !== messageId && at - risk.at < riskKeptMs);
  const found = understanding.risks.map((risk) => ({ class: risk.class, score: risk.score, messageId, at }));
  return riskClasses.flatMap((name) => {
    const same = [...kept, ...found].filter((risk) => risk.class === name);
    return same.length === 0 ? [] : [same.reduce((one, other) => (other.score >= one.score ? other : one))];
  });
}

/** Less than this is no news. */
const priorityStep = 5;

export function isNews(before: Triage | null, after: Triage): boolean {
  if (before === null || before.enquiryType !== after.enquiryType) return true;
  const classes = (triage: Triage) => triage.risks.map((risk) => risk.class).join();
  return classes(before) !== classes(after) || Math.abs(before.priority - after.priority) >= priorityStep;
}
