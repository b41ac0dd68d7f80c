import type {
  AgentId,
  CaseId,
  ChannelAccountId,
  ConversationId,
  CustomerId,
  FeedbackId,
  OrderId,
  TenantId,
} from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import { accept, type Decision, refuse, type Refused } from '@crossdesk/service-kit/decision';

export const feedbackSources = ['platform', 'survey', 'agent', 'message'] as const;
export type FeedbackSource = (typeof feedbackSources)[number];
export const feedbackKinds = ['product-review', 'service-rating', 'survey-answer', 'suggestion'] as const;
export type FeedbackKind = (typeof feedbackKinds)[number];
export const feedbackTypes = ['product', 'logistics', 'service', 'price', 'other'] as const;
export type FeedbackType = (typeof feedbackTypes)[number];
export const urgencies = ['low', 'normal', 'high', 'urgent'] as const;
export type Urgency = (typeof urgencies)[number];
export type Handling = 'standard' | 'special' | 'escalation';

/** Handled: our part is done, and nobody has asked the buyer yet. Confirmed: the buyer said that it is settled. */
export const feedbackStates = ['new', 'handling', 'handled', 'confirmed'] as const;
export type FeedbackState = (typeof feedbackStates)[number];

/** What a buyer thinks. */
export interface Feedback {
  readonly tenantId: TenantId;
  readonly id: FeedbackId;
  readonly source: FeedbackSource;
  readonly externalId: string;
  readonly kind: FeedbackKind;
  readonly accountId: ChannelAccountId | null;
  readonly profileId: CustomerId | null;
  readonly conversationId: ConversationId | null;
  readonly orderId: OrderId | null;
  readonly externalOrderId: string | null;
  readonly buyerExternalId: string | null;
  readonly score: number | null;
  /** Null without words; empty after an erasure. */
  readonly text: string | null;
  readonly language: string | null;
  readonly skus: readonly string[];
  readonly type: FeedbackType;
  readonly urgency: Urgency;
  readonly reason: string;
  /** Null: the rules. What a person said stays. */
  readonly classifiedBy: AgentId | null;
  readonly state: FeedbackState;
  readonly caseId: CaseId | null;
  readonly recordedBy: AgentId | null;
  readonly givenAt: Date;
  readonly receivedAt: Date;
  readonly confirmedAt: Date | null;
  readonly version: number;
}

type Refusal = 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION';

export const textCharactersMax = 4_000;
const skusMax = 20;
const skuCharactersMax = 200;

/** Refuses a score, goods, words or a language that mean nothing. */
export function refuseContent({
  score,
  text,
  language,
  skus,
}: Pick<Feedback, 'score' | 'text' | 'language' | 'skus'>): Refused<'INVALID_INPUT'> | null {
  if (score === null && text === null)
    return refuse('INVALID_INPUT', 'text', 'Say what they think: give text, score, or both.');
  if (score !== null && !(score >= 1 && score <= 5))
    return refuse('INVALID_INPUT', 'score', 'A score is from 1 (worst) to 5: convert it to this scale.');
  if (language !== null && canonicalLocale(language) === null)
    return refuse('INVALID_INPUT', 'language', 'This is no BCP 47 language: write it like pt-BR.');
  if (skus.length > skusMax || skus.some((sku) => sku.trim() === '' || sku.length > skuCharactersMax))
    return refuse(
      'INVALID_INPUT',
      'skus',
      `Name at most ${skusMax} SKUs, of 1 to ${skuCharactersMax} characters each.`,
    );
  return null;
}

/** A person says what it is about and how urgent it is. */
export function classifyAs(
  one: Feedback,
  said: Pick<Feedback, 'type' | 'urgency'> & { readonly by: AgentId | null; readonly expectedVersion: number },
): Decision<Feedback, Refusal> {
  const conflict = refuseVersion(one, said.expectedVersion);
  if (conflict !== null) return conflict;
  const { type, urgency, by: classifiedBy } = said;
  return accept(step(one, { type, urgency, classifiedBy, reason: 'a person' }));
}

/** Our part is done, without a case: somebody has read it, answered it, passed it on. */
export function settle(one: Feedback, expectedVersion: number): Decision<Feedback, Refusal> {
  const conflict = refuseVersion(one, expectedVersion);
  if (conflict !== null) return conflict;
  if (one.state === 'handled') return accept(one);
  if (one.caseId !== null)
    return refuse('ILLEGAL_TRANSITION', null, 'A case is about it: resolve the case, and it is handled.');
  if (one.state === 'confirmed') return refuse('ILLEGAL_TRANSITION', null, 'The buyer has confirmed it already.');
  return accept(step(one, { state: 'handled' }));
}

export type Outcome = 'satisfied' | 'not-satisfied';

/**
 * The buyer was asked and has answered. Only their word confirms: time that passes does not. If they are not satisfied, it
 * is worked on again, and urgent.
 */
export function confirm(
  one: Feedback,
  {
    outcome,
    expectedVersion,
    now,
  }: { readonly outcome: Outcome; readonly expectedVersion: number; readonly now: Date },
): Decision<Feedback, Refusal> {
  const conflict = refuseVersion(one, expectedVersion);
  if (conflict !== null) return conflict;
  if (one.state !== 'handled')
    return refuse('ILLEGAL_TRANSITION', null, 'Ask the buyer when it is handled: resolve its case or settle it first.');
  if (outcome === 'satisfied') return accept(step(one, { state: 'confirmed', confirmedAt: now }));
  const reason = `${one.reason}; the buyer was not satisfied with what was done`;
  return accept(step(one, { state: 'handling', urgency: 'urgent', reason, confirmedAt: now }));
}

/** A case is about it, or its case moved. */
export function followCase(
  one: Feedback,
  { caseId, state }: { readonly caseId: CaseId; readonly state: 'open' | 'waiting' | 'resolved' | 'closed' },
): Feedback {
  const isDone = state === 'resolved' || state === 'closed';
  const after = !isDone ? 'handling' : one.state === 'confirmed' ? 'confirmed' : 'handled';
  return one.caseId === caseId && one.state === after ? one : step(one, { caseId, state: after });
}

export function step(one: Feedback, changes: Partial<Feedback>): Feedback {
  return { ...one, ...changes, version: one.version + 1 };
}

function refuseVersion({ version }: Feedback, expected: number): Refused<'VERSION_CONFLICT'> | null {
  if (version === expected) return null;
  return refuse('VERSION_CONFLICT', 'expectedVersion', 'It has changed meanwhile: read it again, then decide again.');
}
