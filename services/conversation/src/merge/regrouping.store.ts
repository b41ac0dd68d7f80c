import type { AgentId, ConversationId, NoteId, RegroupingId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Regrouping } from './regrouping.domain.ts';

type Trx = Transaction<DB>;

export async function insertRegrouping(trx: Trx, regrouping: Regrouping): Promise<void> {
  const { tenantId, id, conversationId, otherIds, reason, agentId, at, details } = regrouping;
  await sql`
    insert into regrouping (tenant_id, id, conversation_id, other_ids, reason, agent_id, at, details)
    values (${tenantId}, ${id}, ${conversationId}, ${otherIds}::uuid[], ${reason}, ${agentId}, ${at},
      ${JSON.stringify(details)}::jsonb)`.execute(trx);
}

export async function markUndone(trx: Trx, { tenantId, id, undoneAt, undoneBy }: Regrouping): Promise<void> {
  await trx
    .updateTable('regrouping')
    .set({ undone_at: undoneAt, undone_by: undoneBy })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

export async function regroupingsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly RegroupingId[],
): Promise<Map<RegroupingId, Regrouping>> {
  const { rows } = await sql<Row<'regrouping'>>`
    select * from regrouping where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toRegrouping(row)]));
}

const shownMax = 50;

/** What went into conversations, or came from them, the latest first. */
export async function regroupingsOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Regrouping[]>> {
  const { rows } = await sql<Row<'regrouping'>>`
    select r.* from unnest(${ids}::uuid[]) as c (id)
    cross join lateral (
      select * from regrouping where tenant_id = ${tenantId} and conversation_id = c.id
      order by id desc limit ${shownMax}) r
    order by r.id desc`.execute(trx);
  return Map.groupBy(rows.map(toRegrouping), ({ conversationId }) => conversationId);
}

/** Forgets why conversations were regrouped: people may have named the buyer. Returns how many reasons. */
export async function eraseReasons(trx: Trx, tenantId: TenantId, conversationId: ConversationId): Promise<number> {
  const { numAffectedRows } = await sql`
    update regrouping set reason = ''
    where tenant_id = ${tenantId} and (conversation_id = ${conversationId} or ${conversationId} = any(other_ids))
      and reason <> ''`.execute(trx);
  return Number(numAffectedRows ?? 0);
}

/** Whether a reply is queued in conversations, or nobody knows what became of one. */
export async function hasReplyInFlight(trx: Trx, tenantId: TenantId, ids: readonly ConversationId[]): Promise<boolean> {
  const { rows } = await sql`
    select from message
    where tenant_id = ${tenantId} and conversation_id = any(${ids}::uuid[]) and delivery_status in ('queued', 'unknown')
    limit 1`.execute(trx);
  return rows.length > 0;
}

interface Way {
  readonly tenantId: TenantId;
  readonly from: ConversationId;
  readonly into: ConversationId;
}

/** Moves all notes; returns which. */
export async function takeNotes(trx: Trx, { tenantId, from, into }: Way): Promise<NoteId[]> {
  const { rows } = await sql<Pick<Row<'note'>, 'id'>>`
    update note set conversation_id = ${into}
    where tenant_id = ${tenantId} and conversation_id = ${from} returning id`.execute(trx);
  return rows.map(({ id }) => id);
}

export async function returnNotes(trx: Trx, { tenantId, from, into }: Way, ids: readonly NoteId[]): Promise<void> {
  await sql`
    update note set conversation_id = ${into}
    where tenant_id = ${tenantId} and conversation_id = ${from} and id = any(${ids}::uuid[])`.execute(trx);
}

type Draft = { readonly agentId: AgentId; readonly version: number };

/** Moves the drafts of those who have begun nothing there; returns whose. */
export async function takeDrafts(trx: Trx, { tenantId, from, into }: Way): Promise<Draft[]> {
  const { rows } = await sql<Pick<Row<'draft'>, 'agent_id' | 'version'>>`
    update draft d set conversation_id = ${into}
    where d.tenant_id = ${tenantId} and d.conversation_id = ${from} and not exists (
      select from draft o where o.tenant_id = d.tenant_id and o.conversation_id = ${into} and o.agent_id = d.agent_id)
    returning d.agent_id, d.version`.execute(trx);
  return rows.map(({ agent_id: agentId, version }) => ({ agentId, version }));
}

/** Moves back the drafts that nobody has gone on with. */
export async function returnDrafts(trx: Trx, { tenantId, from, into }: Way, drafts: readonly Draft[]): Promise<void> {
  await sql`
    update draft d set conversation_id = ${into}
    from unnest(${drafts.map(({ agentId }) => agentId)}::uuid[], ${drafts.map(({ version }) => version)}::int[])
      as n (agent_id, version)
    where d.tenant_id = ${tenantId} and d.conversation_id = ${from} and d.agent_id = n.agent_id and d.version = n.version
      and not exists (
        select from draft o where o.tenant_id = d.tenant_id and o.conversation_id = ${into} and o.agent_id = d.agent_id)`.execute(
    trx,
  );
}

function toRegrouping(row: Row<'regrouping'>): Regrouping {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    conversationId: row.conversation_id,
    otherIds: row.other_ids,
    reason: row.reason,
    agentId: row.agent_id,
    at: row.at,
    undoneAt: row.undone_at,
    undoneBy: row.undone_by,
    details: row.details,
  };
}
