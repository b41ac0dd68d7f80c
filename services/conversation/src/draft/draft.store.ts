import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Draft } from './draft.domain.ts';

type Trx = Transaction<DB>;
type Key = Pick<Draft, 'tenantId' | 'conversationId' | 'agentId'>;

/** Locks the draft of an agent, also one that is not there yet. */
export async function lockDraft(trx: Trx, key: Key): Promise<Draft | null> {
  const name = `draft ${key.tenantId} ${key.conversationId} ${key.agentId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(trx);
  return (await draftsOf(trx, key.tenantId, [key.conversationId], key.agentId)).get(key.conversationId) ?? null;
}

export async function saveDraftRow(trx: Trx, draft: Draft): Promise<void> {
  const row = toRow(draft);
  await trx
    .insertInto('draft')
    .values(row)
    .onConflict((clash) => clash.columns(['tenant_id', 'conversation_id', 'agent_id']).doUpdateSet(row))
    .execute();
}

export async function deleteDraft(trx: Trx, { tenantId, conversationId, agentId }: Key): Promise<void> {
  await trx
    .deleteFrom('draft')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('agent_id', '=', agentId)
    .execute();
}

/** Deletes what is answered: the draft of whoever has sent a reply, and those that were handed over. */
export async function deleteAnswered(trx: Trx, { tenantId, conversationId, agentId }: Key): Promise<void> {
  await trx
    .deleteFrom('draft')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where((eb) => eb.or([eb('agent_id', '=', agentId), eb('is_shared', '=', true)]))
    .execute();
}

/** Lets colleagues read what an agent has begun to write. */
export async function shareDraft(trx: Trx, { tenantId, conversationId, agentId }: Key): Promise<void> {
  await trx
    .updateTable('draft')
    .set({ is_shared: true })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('agent_id', '=', agentId)
    .execute();
}

/** The drafts of an agent in conversations. */
export async function draftsOf(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
  agentId: AgentId,
): Promise<Map<ConversationId, Draft>> {
  const { rows } = await sql<Row<'draft'>>`
    select * from draft
    where tenant_id = ${tenantId} and conversation_id = any(${ids}::uuid[]) and agent_id = ${agentId}`.execute(trx);
  return new Map(rows.map((row) => [row.conversation_id, toDraft(row)]));
}

/** The drafts in conversations that colleagues may read, the latest first. */
export async function sharedDraftsOf(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Draft[]>> {
  const { rows } = await sql<Row<'draft'>>`
    select * from draft
    where tenant_id = ${tenantId} and conversation_id = any(${ids}::uuid[]) and is_shared
    order by saved_at desc, agent_id`.execute(trx);
  return Map.groupBy(rows.map(toDraft), ({ conversationId }) => conversationId);
}

/** Of two drafts of one agent the later one stays. */
export async function moveDrafts(trx: Trx, tenantId: TenantId, from: ConversationId, into: ConversationId) {
  await sql`
    with moved as (
      delete from draft where tenant_id = ${tenantId} and conversation_id = ${from}
      returning agent_id, text, basis, is_shared, version, saved_at)
    insert into draft as d (tenant_id, conversation_id, agent_id, text, basis, is_shared, version, saved_at)
    select ${tenantId}, ${into}, agent_id, text, basis, is_shared, version, saved_at from moved
    on conflict (tenant_id, conversation_id, agent_id) do update
    set text = excluded.text, basis = excluded.basis, is_shared = excluded.is_shared,
      version = greatest(d.version, excluded.version) + 1, saved_at = excluded.saved_at
    where excluded.saved_at > d.saved_at`.execute(trx);
}

/** Deletes the drafts of a conversation. Returns how many. */
export async function eraseDrafts(trx: Trx, tenantId: TenantId, conversationId: ConversationId): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('draft')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Longer than anybody comes back to a reply that they began. */
const keptDays = 90;

export async function forgetOldDrafts(trx: Trx): Promise<void> {
  await trx
    .deleteFrom('draft')
    .where('saved_at', '<', sql<Date>`now() - ${keptDays} * interval '1 day'`)
    .execute();
}

function toDraft(row: Row<'draft'>): Draft {
  return {
    tenantId: row.tenant_id,
    conversationId: row.conversation_id,
    agentId: row.agent_id,
    text: row.text,
    basis: row.basis,
    isShared: row.is_shared,
    version: row.version,
    savedAt: row.saved_at,
  };
}

function toRow(draft: Draft): Row<'draft'> {
  return {
    tenant_id: draft.tenantId,
    conversation_id: draft.conversationId,
    agent_id: draft.agentId,
    text: draft.text,
    basis: draft.basis,
    is_shared: draft.isShared,
    version: draft.version,
    saved_at: draft.savedAt,
  };
}
