import { domainToASCII } from 'node:url';
import type { Buyer, ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';

/** `email_near`: an address without what its provider ignores. It proves nothing and is asked about. */
export type IdentityKind = 'platform' | 'platform_commerce' | 'phone' | 'email' | 'email_near' | 'conversation';

/** The account id in tables for identities that are valid at every account. */
export const everywhere = '00000000-0000-0000-0000-000000000000';

/** Something that a buyer is known by. */
export interface Identity {
  readonly tenantId: TenantId;
  readonly kind: IdentityKind;
  /** The account for which a platform id is valid; null for an identity that is valid everywhere. */
  readonly accountId: ChannelAccountId | null;
  readonly value: string;
}

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
  // Ingest writes every number in one form and leaves out those that identify nobody.
  const { phone } = buyer;
  if (phone !== null) identities.push({ tenantId, kind: 'phone', accountId: null, value: phone });
  const email = mailAddress(buyer.email);
  if (email !== null) {
    identities.push({ tenantId, kind: 'email', accountId: null, value: email });
    identities.push({ tenantId, kind: 'email_near', accountId: null, value: nearAddress(email) });
  }
  return identities;
}

/**
 * An address in one spelling; null for one that is masked, that many people share, that a marketplace lends for its own
 * messages, or that is no address.
 */
function mailAddress(email: string | null): string | null {
  const address = email?.normalize('NFKC').trim().toLowerCase() ?? '';
  const [, name = '', domain = ''] = /^([^\s@*]+)@([^\s@*]+)$/.exec(address) ?? [];
  const host = domainToASCII(domain);
  if (!host.includes('.') || isShared(name) || isLent(host)) return null;
  return `${name}@${host === 'googlemail.com' ? 'gmail.com' : host}`;
}

/** What follows a plus sign is ignored by many providers, dots in the name by Google alone. */
function nearAddress(email: string): string {
  const [name = '', host = ''] = email.split('@');
  const [mailbox = ''] = name.split('+', 1);
  return `${host === 'gmail.com' ? mailbox.replaceAll('.', '') : mailbox}@${host}`;
}

/**
 * Amazon, eBay and Walmart give each buyer an address that leads through the marketplace. It means the buyer at one account,
 * whose id says that already, and what a marketplace tells of its buyers must not be joined with data of other channels.
 */
function isLent(host: string): boolean {
  return /^(marketplace\.amazon|members\.ebay)(\.[a-z]{2,3}){1,2}$/.test(host) || host === 'relay.walmart.com';
}

/** Mailboxes of programs, of offices (RFC 2142) and those that people invent instead of giving their own. */
const sharedMailboxes = new Set(
  `abuse admin administrator anonymous billing bounce bounces contact customer donotreply guest help hostmaster info
   mail mailer-daemon marketing na nobody none noreply notification notifications null office orders postmaster root
   sales security service support test undefined unknown user webmaster`.split(/\s+/),
);

function isShared(name: string): boolean {
  const [mailbox = ''] = name.split('+', 1);
  return sharedMailboxes.has(mailbox) || /^(do)?[-._]?(not?)[-._]?reply/.test(mailbox);
}

export function identityKey({ tenantId, kind, accountId, value }: Identity): string {
  return `${tenantId} ${kind} ${accountId ?? '-'} ${value}`;
}
