import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { DB } from '../../db.ts';
import type { TranslationProviderId } from '../ids.ts';
import { type UsageRow, usageOn } from './provider.store.ts';

/** What the engines of one operation were asked today, in one statement. */
export function loadProviderUsage({ db, clock }: Pick<ServiceRuntime<DB>, 'db' | 'clock'>, request: RequestContext) {
  return new DataLoader<TranslationProviderId, UsageRow | null>(async (ids) => {
    const { tenantId } = signedIn(request);
    const rows = await db.forTenant(tenantId, (trx) => usageOn(trx, tenantId, clock.now()));
    const found = new Map(rows.map((row) => [row.provider_id, row]));
    return ids.map((id) => found.get(id) ?? null);
  });
}
