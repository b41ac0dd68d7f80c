import type { AgentId, TagRuleId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';

/** A tag of a customer, as crm told it. */
export interface CustomerTag {
  /** Folded, as conditions compare it. */
  readonly tag: string;
  readonly name: string;
  /** The person who gave it; null: a rule did. */
  readonly agentId: AgentId | null;
  readonly ruleId: TagRuleId | null;
  /** What the rule asked. */
  readonly reason: { readonly field: string; readonly op: string; readonly values: readonly string[] } | null;
}

/** What crm says of a customer. */
export interface CustomerMarks {
  readonly tags: readonly CustomerTag[];
  /** Null: they never bought, or nobody knows who they are. */
  readonly tier: string | null;
}

export const unmarked: CustomerMarks = { tags: [], tier: null };

/** What a routing rule or a service level asks of the customer: one of the tags, and one of the tiers. Null: nothing. */
export interface CustomerWish {
  /** Folded. */
  readonly customerTags: readonly string[] | null;
  readonly customerTiers: readonly string[] | null;
}

/** Of what was saved before customers had marks. */
export const noWish: CustomerWish = { customerTags: null, customerTiers: null };

/** A wish as people write it. */
export function wishOf(written: {
  readonly customerTags?: readonly string[] | null | undefined;
  readonly customerTiers?: readonly string[] | null | undefined;
}): CustomerWish {
  return {
    customerTags: written.customerTags?.map(foldedName) ?? null,
    customerTiers: written.customerTiers?.map((name) => name.trim().toUpperCase()) ?? null,
  };
}

export function asksMarks({ customerTags, customerTiers }: CustomerWish): boolean {
  return customerTags !== null || customerTiers !== null;
}

export function meetsWish({ customerTags, customerTiers }: CustomerWish, { tags, tier }: CustomerMarks): boolean {
  return (
    (customerTags === null || tags.some(({ tag }) => customerTags.includes(tag))) &&
    (customerTiers === null || (tier !== null && customerTiers.includes(tier)))
  );
}

/** Of what is known of a customer that which the wish asked for, to say why it is met; null if it asks nothing. */
export function marksAsked(wish: CustomerWish, { tags, tier }: CustomerMarks): CustomerMarks | null {
  const { customerTags, customerTiers } = wish;
  if (!asksMarks(wish)) return null;
  return {
    tags: customerTags === null ? [] : tags.filter(({ tag }) => customerTags.includes(tag)),
    tier: customerTiers === null ? null : tier,
  };
}

/** The same tags of the same persons and rules, and the same tier. What a rule asked may be worded in another way. */
export function areSameMarks(one: CustomerMarks, other: CustomerMarks): boolean {
  const said = ({ tags, tier }: CustomerMarks) =>
    JSON.stringify([tier, ...tags.map(({ tag, agentId, ruleId }) => `${tag} ${agentId ?? ''} ${ruleId ?? ''}`).sort()]);
  return said(one) === said(other);
}

/** The name of a tier as the model of the workspace has it; null for what cannot be one. */
export function tierName(text: string): string | null {
  return /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(text) ? text.toUpperCase() : null;
}
