import type { Actor, ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { MessagePlace } from '../message/message.store.ts';
import type { Note } from '../note/note.store.ts';
import { toNote } from '../note/note.store.ts';
import type { Activity } from '../conversation/activity.ts';

type Trx = Transaction<DB>;

export interface TimelinePage {
  readonly first: number;
  readonly after: MessagePlace | null;
}

/** A page of the activities of each conversation, newest first, and one more if there are any behind it. */
export async function activityPages(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
  { first, after }: TimelinePage,
): Promise<Map<ConversationId, Activity[]>> {
  const { rows } = await sql<Row<'activity'>>`
    select a.* from unnest(${ids}::uuid[]) as c (id)
    cross join lateral (
      select * from activity
      where tenant_id = ${tenantId} and conversation_id = c.id ${behind('at', after)}
      order by at desc, id desc limit ${first + 1}) a
    order by a.at desc, a.id desc`.execute(trx);
  return Map.groupBy(rows.map(toActivity), ({ conversationId }) => conversationId);
}

/** The same of the notes. */
export async function notesOfTimeline(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
  { first, after }: TimelinePage,
): Promise<Map<ConversationId, Note[]>> {
  const { rows } = await sql<Row<'note'>>`
    select n.* from unnest(${ids}::uuid[]) as c (id)
    cross join lateral (
      select * from note
      where tenant_id = ${tenantId} and conversation_id = c.id ${behind('created_at', after)}
      order by created_at desc, id desc limit ${first + 1}) n
    order by n.created_at desc, n.id desc`.execute(trx);
  return Map.groupBy(rows.map(toNote), ({ conversationId }) => conversationId);
}

/** The time is named alone as well, because only that is a condition of the index. */
function behind(time: 'at' | 'created_at', after: MessagePlace | null) {
  if (after === null) return sql``;
  const at = sql.ref(time);
  return sql`and ${at} <= ${after.at}
    and (${at}, 0, id) < (${after.at}::timestamptz, ${after.position}::numeric, ${after.id}::uuid)`;
}

function toActivity(row: Row<'activity'>): Activity {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    conversationId: row.conversation_id,
    version: row.version,
    kind: row.kind,
    actor: { kind: row.actor_kind, id: row.actor_id } satisfies Actor,
    before: row.before,
    after: row.after,
    at: row.at,
  };
}
