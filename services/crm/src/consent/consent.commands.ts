import { type CustomerId, type DecisionId, newId } from '@crossdesk/contracts';
import { agentOf, changed, type CommandCall, type Outcome, refuse, type ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { lockCustomer } from '../customer/lock-customer.ts';
import { type Consent, refuseConsent } from './consent.domain.ts';
import { insertConsents, liftSuppression, suppressAddresses } from './consent.store.ts';

export interface RecordConsentInput extends Pick<Consent, 'purpose' | 'state' | 'basis' | 'wording' | 'evidence'> {
  readonly customerId: CustomerId;
}

export interface ConsentDeps extends Pick<ServiceRuntime<DB>, 'clock'> {
  /** The key of the digests of addresses that are not written to. */
  readonly suppressionKey: Buffer;
}

/** Notes what a buyer told a person. An objection also holds for the addresses, an agreement takes them off the list. */
export async function recordConsent(
  { clock, suppressionKey }: ConsentDeps,
  { trx, actor }: CommandCall<DB>,
  { customerId: asked, ...given }: RecordConsentInput,
): Promise<Outcome<Consent, 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const { tenantId } = actor;
  const refusal = refuseConsent(given);
  if (refusal !== null) return refusal;
  const customerId = await lockCustomer(trx, tenantId, asked);
  if (customerId === null)
    return refuse('NOT_FOUND', 'customerId', 'There is no customer with this id in your workspace.');
  const now = clock.now();
  const by = { recordedAt: now, recordedBy: agentOf(actor) };
  // The id that was asked for is that of a profile: after customers became one, each keeps what it said.
  const consent: Consent = { tenantId, id: newId<DecisionId>(), profileId: asked, ...given, ...by };
  await insertConsents(trx, [consent]);
  const addressed = { tenantId, customerId, purpose: given.purpose };
  if (given.state === 'withdrawn') await suppressAddresses(trx, suppressionKey, addressed, now);
  else await liftSuppression(trx, suppressionKey, addressed);
  return changed(consent, customerId);
}
