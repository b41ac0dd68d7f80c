import { UnparsableDelivery } from '../port/errors.ts';
import type { Fact, WebhookAddress } from '../port/webhooks.port.ts';

/**
 * Facts about the account that a delivery names; null if it names none, which is only valid at the address of one
 * account.
 * @throws UnparsableDelivery
 */
export function about(
  address: WebhookAddress,
  externalAccountId: string | null,
  facts: readonly Fact[],
): readonly Fact[] {
  if (externalAccountId === null && address.externalAccountId === null)
    throw new UnparsableDelivery('the delivery does not name its account');
  if (externalAccountId === null || externalAccountId === address.externalAccountId) return facts;
  return facts.map((fact) => ({ ...fact, externalAccountId }));
}
