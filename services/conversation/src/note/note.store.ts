import type { AgentId, ConversationId, NoteId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

export const noteCharactersMax = 10_000;

export interface Note {
  readonly tenantId: TenantId;
  readonly id: NoteId;
  readonly conversationId: ConversationId;
  /** Null: a rule wrote it. */
  readonly agentId: AgentId | null;
  readonly text: string;
  /** The agents that it calls. */
  readonly mentionedIds: readonly AgentId[];
  readonly createdAt: Date;
}

export async function insertNote(trx: Transaction<DB>, note: Note): Promise<void> {
  await trx
    .insertInto('note')
    .values({
      tenant_id: note.tenantId,
      id: note.id,
      conversation_id: note.conversationId,
      agent_id: note.agentId,
      text: note.text,
      mentioned_ids: [...note.mentionedIds],
      created_at: note.createdAt,
    })
    .execute();
}

export async function moveNotes(
  trx: Transaction<DB>,
  tenantId: TenantId,
  from: ConversationId,
  into: ConversationId,
): Promise<void> {
  await trx
    .updateTable('note')
    .set({ conversation_id: into })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', from)
    .execute();
}

/** Empties the notes of a conversation. Returns how many. */
export async function eraseNotes(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('note')
    .set({ text: '' })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

export async function notesByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly NoteId[],
): Promise<Map<NoteId, Note>> {
  const rows = await trx
    .selectFrom('note')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, toNote(row)]));
}

export interface NotePage {
  readonly first: number;
  readonly after: string | null;
  readonly oldestFirst: boolean;
}

/** A page of the notes of each conversation, and one note more if there are any behind it. */
export async function notePages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationIds: readonly ConversationId[],
  { first, after, oldestFirst }: NotePage,
): Promise<Map<ConversationId, Note[]>> {
  const order = oldestFirst ? sql`id` : sql`id desc`;
  const behind = after === null ? sql`` : oldestFirst ? sql`and id > ${after}::uuid` : sql`and id < ${after}::uuid`;
  const { rows } = await sql<Row<'note'>>`
    select n.* from unnest(${conversationIds}::uuid[]) as c (id)
    cross join lateral (
      select * from note where tenant_id = ${tenantId} and conversation_id = c.id ${behind}
      order by ${order} limit ${first + 1}) n
    order by n.${order}`.execute(trx);
  return Map.groupBy(rows.map(toNote), (note) => note.conversationId);
}

export function toNote(row: Row<'note'>): Note {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    conversationId: row.conversation_id,
    agentId: row.agent_id,
    text: row.text,
    mentionedIds: row.mentioned_ids,
    createdAt: row.created_at,
  };
}
