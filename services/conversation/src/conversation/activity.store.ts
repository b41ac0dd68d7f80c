import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Activity } from './activity.ts';

type Trx = Transaction<DB>;

/** Cursors have milliseconds. */
export async function insertActivities(trx: Trx, activities: readonly Omit<Activity, 'at'>[]): Promise<void> {
  if (activities.length === 0) return;
  await sql`
    insert into activity
      (tenant_id, id, conversation_id, version, kind, actor_kind, actor_id, before, after, at)
    select tenant_id, id, conversation_id, version, kind, actor_kind, actor_id, before, after,
      date_trunc('milliseconds', clock_timestamp())
    from json_populate_recordset(null::activity, ${JSON.stringify(activities.map(toRow))}::json)`.execute(trx);
}

/** Takes from the history of a conversation what people wrote into attributes. Returns from how many rows. */
export async function eraseActivityTexts(trx: Trx, tenantId: TenantId, id: ConversationId): Promise<number> {
  const { numAffectedRows } = await sql`
    update activity set before = before - 'attribute-text', after = after - 'attribute-text'
    where tenant_id = ${tenantId} and conversation_id = ${id}
      and (before ->> 'attribute-text' is not null or after ->> 'attribute-text' is not null)`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

/** The history of a conversation goes where its messages go. */
export async function moveActivities(
  trx: Trx,
  tenantId: TenantId,
  from: ConversationId,
  into: ConversationId,
): Promise<void> {
  await trx
    .updateTable('activity')
    .set({ conversation_id: into })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', from)
    .execute();
}

function toRow(activity: Omit<Activity, 'at'>): Omit<Row<'activity'>, 'at'> {
  return {
    tenant_id: activity.tenantId,
    id: activity.id,
    conversation_id: activity.conversationId,
    version: activity.version,
    kind: activity.kind,
    actor_kind: activity.actor.kind,
    actor_id: activity.actor.id,
    before: activity.before,
    after: activity.after,
  };
}
