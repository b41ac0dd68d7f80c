import type { AgentId, ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { refuse, type Refused } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
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

/** Refuses to give a conversation, or to show it, to people whose role does not include its store: they could not open it. */
export async function refuseUnseen(
  trx: Transaction<DB>,
  { tenantId, accountId }: { readonly tenantId: TenantId; readonly accountId: ChannelAccountId },
  ids: readonly AgentId[],
  path: string,
): Promise<Refused<'NOT_FOUND'> | null> {
  if (ids.length === 0) return null;
  const { rows } = await sql<{ display_name: string }>`
    select a.display_name from agent a
    join access_role r on r.tenant_id = a.tenant_id and r.id = a.access_role_id
    where a.tenant_id = ${tenantId} and a.id = any(${ids}::uuid[]) and ${accountId}::uuid <> all(r.store_ids)
    order by a.display_name limit 1`.execute(trx);
  const [one] = rows;
  if (one === undefined) return null;
  const message = `The role of ${one.display_name} does not include the store of this conversation, so they could not open it: choose somebody else, or have an admin change the role.`;
  return refuse('NOT_FOUND', path, message);
}
