import type { RuleId } from '@crossdesk/contracts';
import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { DB } from '../db.ts';
import type { Rule } from './rule.domain.ts';
import { rulesByIds } from './rule.store.ts';

/** The rules of one operation, in one statement. */
export function loadRules(runtime: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext) {
  return new DataLoader<RuleId, Rule | null>(async (ids) => {
    const { tenantId } = signedIn(request);
    const found = await runtime.db.forTenant(tenantId, (trx) => rulesByIds(trx, tenantId, ids));
    return ids.map((id) => found.get(id) ?? null);
  });
}
