import type { AgentId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { agentsByIds } from './agent.store.ts';

/** Whether all of them are people who work in the workspace: whom work can be given to, and who can be called. */
export async function areActivePeople(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly AgentId[],
): Promise<boolean> {
  if (ids.length === 0) return true;
  const agents = await agentsByIds(trx, tenantId, ids);
  return ids.every((id) => agents.get(id)?.isActive === true && agents.get(id)?.kind === 'person');
}
