import type { TemplateId } from '@crossdesk/contracts';
import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { DB } from '../db.ts';
import type { Template } from './template.domain.ts';
import { templatesByIds } from './template.store.ts';

/** The templates of one operation, in one statement. */
export function loadTemplates(runtime: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext) {
  return new DataLoader<TemplateId, Template | null>(async (ids) => {
    const { tenantId } = signedIn(request);
    const found = await runtime.db.forTenant(tenantId, (trx) => templatesByIds(trx, tenantId, ids));
    return ids.map((id) => found.get(id) ?? null);
  });
}
