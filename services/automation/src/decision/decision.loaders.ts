import type { DecisionId } from '@crossdesk/contracts';
import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { DB } from '../db.ts';
import type { RecordedDecision } from './decision.domain.ts';
import { decisionsByIds } from './decision.store.ts';

/** The decisions of one operation, in one statement. */
export function loadDecisions(runtime: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext) {
  return new DataLoader<DecisionId, RecordedDecision | null>(async (ids) => {
    const { tenantId } = signedIn(request);
    const found = await runtime.db.forTenant(tenantId, (trx) => decisionsByIds(trx, tenantId, ids));
    return ids.map((id) => found.get(id) ?? null);
  });
}
