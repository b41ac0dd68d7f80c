import { type AgentId, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { presets, type View, type ViewId } from './view.domain.ts';

type Trx = Transaction<DB>;

/** Locks the views of a workspace, also the ones that it does not have yet. */
export async function lockViews(trx: Trx, tenantId: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`views ${tenantId}`}, 0))`.execute(trx);
}

/** The views that somebody may see, in the order in which they want them. */
export async function viewsFor(trx: Trx, tenantId: TenantId, agentId: AgentId): Promise<View[]> {
  const { rows } = await sql<Row<'view'>>`
    select v.* from view v
    left join view_order o on o.tenant_id = v.tenant_id and o.agent_id = ${agentId}
    where v.tenant_id = ${tenantId} and (v.owner_id is null or v.owner_id = ${agentId})
    order by array_position(o.view_ids, v.id) nulls last, v.preset is null, v.name, v.id`.execute(trx);
  return rows.map(toView);
}

/** Those of the views that somebody may see. */
export async function viewsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ViewId[],
  agentId: AgentId,
): Promise<Map<ViewId, View>> {
  const rows = await trx
    .selectFrom('view')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .where((eb) => eb.or([eb('owner_id', 'is', null), eb('owner_id', '=', agentId)]))
    .execute();
  return new Map(rows.map((row) => [row.id, toView(row)]));
}

export async function saveView(trx: Trx, view: View): Promise<void> {
  const { tenant_id: _tenant, id: _id, ...values } = toRow(view);
  await trx
    .insertInto('view')
    .values(toRow(view))
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(values))
    .execute();
}

export async function deleteView(trx: Trx, { tenantId, id }: View): Promise<void> {
  await trx.deleteFrom('view').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}

export async function saveViewOrder(
  trx: Trx,
  tenantId: TenantId,
  agentId: AgentId,
  ids: readonly ViewId[],
): Promise<void> {
  await sql`
    insert into view_order (tenant_id, agent_id, view_ids) values (${tenantId}, ${agentId}, ${ids}::uuid[])
    on conflict (tenant_id, agent_id) do update set view_ids = excluded.view_ids`.execute(trx);
}

/** The views that every new workspace has. */
export async function insertPresets(trx: Trx, tenantId: TenantId): Promise<void> {
  for (const preset of presets)
    await saveView(trx, { ...preset, tenantId, id: newId<ViewId>(), ownerId: null, version: 1 });
}

/** The customers of conversations. */
export async function customersOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, string>> {
  const rows = await trx
    .selectFrom('conversation_customer')
    .select(['conversation_id', 'customer_id'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`conversation_id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.conversation_id, row.customer_id]));
}

function toView(row: Row<'view'>): View {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    ownerId: row.owner_id,
    preset: row.preset,
    condition: row.condition,
    sorting: row.sorting,
    version: row.version,
  };
}

function toRow(view: View) {
  return {
    tenant_id: view.tenantId,
    id: view.id,
    name: view.name,
    owner_id: view.ownerId,
    preset: view.preset,
    condition: JSON.stringify(view.condition),
    sorting: view.sorting,
    version: view.version,
  };
}
