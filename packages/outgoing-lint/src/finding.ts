/** What the rules of a platform forbid in a message. */
export const platformRules = [
  'contact-data',
  'foreign-link',
  'off-platform',
  'off-platform-payment',
  'review-request',
  'review-begging',
  'review-incentive',
  'marketing',
  'emoji',
] as const;
export type PlatformRule = (typeof platformRules)[number];

/** What contradicts the order or the policy. */
export const claimRules = [
  'claim-amount',
  'claim-currency',
  'claim-status',
  'claim-date',
  'claim-days',
  'claim-order',
] as const;

/** What sounds rude, cold or unfitting. */
export const toneRules = [
  'tone-mixed-address',
  'tone-blame',
  'tone-rude',
  'tone-cold',
  'tone-capitals',
  'tone-no-honorific',
  'tone-no-empathy',
] as const;
export type ToneRule = (typeof toneRules)[number];

export const lintRules = [...platformRules, ...claimRules, ...toneRules] as const;
export type LintRule = (typeof lintRules)[number];

/** With `stop` the message is not sent; `warn` is advice. */
export const severities = ['stop', 'warn'] as const;
export type Severity = (typeof severities)[number];

export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Hit extends Place {
  readonly rule: LintRule;
}

export interface Finding extends Hit {
  readonly severity: Severity;
  /** The sentence that the words stand in. */
  readonly clause: string;
  /** What is wrong and what to do, for people. */
  readonly message: { readonly en: string; readonly zh: string };
}
