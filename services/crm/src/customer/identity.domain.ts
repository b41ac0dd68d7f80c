import type { Buyer, ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';

export type IdentityKind = 'platform' | 'platform_commerce' | 'phone' | 'email' | 'conversation';

/** The account id in tables for identities that are valid at every account. */
export const everywhere = '00000000-0000-0000-0000-000000000000';

/** Something that belongs to one customer. */
export interface Identity {
  readonly tenantId: TenantId;
  readonly kind: IdentityKind;
  /** The account for which a platform id is valid; null for an identity that is valid everywhere. */
  readonly accountId: ChannelAccountId | null;
  readonly value: string;
}

/** Shorter numbers are extensions and short codes, which many people share. */
const phoneDigitsMin = 7;

/** The identities of a buyer. The conversation is one of them: one thread is one buyer. */
export function identitiesOf(
  tenantId: TenantId,
  accountId: ChannelAccountId,
  conversationId: ConversationId,
  buyer: Buyer,
): Identity[] {
  const identities: Identity[] = [
    { tenantId, kind: 'conversation', accountId: null, value: conversationId },
    { tenantId, kind: 'platform', accountId, value: buyer.externalId },
  ];
  if (buyer.commerceId !== null) {
    identities.push({ tenantId, kind: 'platform_commerce', accountId, value: buyer.commerceId });
  }
  const phone = phoneDigits(buyer.phone);
  if (phone !== null) identities.push({ tenantId, kind: 'phone', accountId: null, value: phone });
  const email = mailAddress(buyer.email);
  if (email !== null) identities.push({ tenantId, kind: 'email', accountId: null, value: email });
  return identities;
}

/** The digits of a phone number; null for a masked one, which identifies nobody. */
function phoneDigits(phone: string | null): string | null {
  if (phone === null || phone.includes('*')) return null;
  const digits = phone.replace(/\D/g, '');
  return digits.length >= phoneDigitsMin ? digits : null;
}

function mailAddress(email: string | null): string | null {
  const address = email?.trim().toLowerCase() ?? '';
  return address.includes('@') && !address.includes('*') ? address : null;
}

export function identityKey({ tenantId, kind, accountId, value }: Identity): string {
  return `${tenantId} ${kind} ${accountId ?? '-'} ${value}`;
}
