/** What a buyer can want; a message may have several of them, or none. */
export const intents = [
  'order_status',
  'logistics',
  'refund',
  'return_exchange',
  'cancel_order',
  'product_question',
  'complaint_quality',
  'change_address',
  'payment_issue',
  'invoice',
  'discount',
  'thanks_other',
] as const;
export type Intent = (typeof intents)[number];

export const sentiments = ['negative', 'neutral', 'positive'] as const;
export type Sentiment = (typeof sentiments)[number];

/** What the model decides, in the order of the columns of its matrix. */
export const heads = [...intents, ...sentiments, 'complaint', 'urgency'] as const;
export type Head = (typeof heads)[number];

export const riskClasses = [
  'legal_threat',
  'chargeback',
  'bad_review',
  'public_exposure',
  'safety',
  'fraud_accusation',
  'regulator',
  'privacy_request',
  'anger',
] as const;
export type RiskClass = (typeof riskClasses)[number];

export const entityKinds = ['order', 'tracking', 'amount', 'date', 'email', 'phone'] as const;
export type EntityKind = (typeof entityKinds)[number];

/** A part of a text, in UTF-16 code units; `end` is the first one behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
