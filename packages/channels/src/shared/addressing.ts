import { UnparsableDelivery } from '../port/errors.ts';
import type { Fact, WebhookAddress } from '../port/webhooks.port.ts';

/**
 * Facts about an account that the platform names in a delivery; null where it names none, which is right at the address
 * of one account only.
 * @throws UnparsableDelivery
 */
export function about(
  address: WebhookAddress,
  externalAccountId: string | null,
  facts: readonly Fact[],
): readonly Fact[] {
  if (externalAccountId === null && address.externalAccountId === null)
    throw new UnparsableDelivery('the delivery does not say which account it is about');
  if (externalAccountId === null || externalAccountId === address.externalAccountId) return facts;
  return facts.map((fact) => ({ ...fact, externalAccountId }));
}
