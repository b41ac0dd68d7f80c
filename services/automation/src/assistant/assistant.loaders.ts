import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import type { Used } from './budget.domain.ts';
import { usedInMonth } from './usage.store.ts';

/** What the assistant used this month, read once for an operation. */
export function loadAssistantUse({ db, clock }: Pick<ServiceRuntime<DB>, 'db' | 'clock'>, request: RequestContext) {
  let used: Promise<Used> | null = null;
  return (): Promise<Used> => {
    const { tenantId } = signedIn(request);
    used ??= db.forTenant(tenantId, (trx) => usedInMonth(trx, tenantId, clock.now()));
    return used;
  };
}
