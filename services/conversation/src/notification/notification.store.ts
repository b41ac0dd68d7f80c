import {
  type AgentId,
  type ChannelAccountId,
  type EventId,
  newId,
  type NotificationId,
  type TenantId,
} from '@crossdesk/contracts';
import { countRows } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Notification, NotificationKind, Wish } from './notification.domain.ts';

type Trx = Transaction<DB>;

/** Inserts notifications and returns the new ones: of an event and a kind each person is told once. */
export async function insertNotifications(trx: Trx, wishes: readonly Wish[], now: Date): Promise<Notification[]> {
  if (wishes.length === 0) return [];
  const rows = wishes.map((wish) => toRow({ ...wish, id: newId<NotificationId>(), createdAt: now, readAt: null }));
  const { rows: inserted } = await sql<Row<'notification'>>`
    insert into notification
    select * from json_populate_recordset(null::notification, ${JSON.stringify(rows)}::json)
    on conflict (tenant_id, agent_id, event_id, kind) do nothing
    returning *`.execute(trx);
  return inserted.map(toNotification);
}

export interface NotificationPage {
  readonly isUnread: boolean | null;
  readonly first: number;
  readonly after: string | null;
}

type Reader = { readonly tenantId: TenantId; readonly agentId: AgentId };

/** A page of the notifications of a person, the newest first, and one more if there are any behind it. */
export async function listNotifications(
  trx: Trx,
  reader: Reader,
  { isUnread, first, after }: NotificationPage,
): Promise<Notification[]> {
  const behind = after === null ? sql`` : sql`and id < ${after}::uuid`;
  const { rows } = await sql<Row<'notification'>>`
    select * from notification where ${ofReader(reader, isUnread)} ${behind} order by id desc limit ${first + 1}`.execute(
    trx,
  );
  return rows.map(toNotification);
}

export function countNotifications(trx: Trx, reader: Reader, isUnread: boolean | null): Promise<number> {
  return countRows(trx, sql`select 1 from notification where ${ofReader(reader, isUnread)}`);
}

function ofReader({ tenantId, agentId }: Reader, isUnread: boolean | null) {
  const unread = isUnread === null ? sql`` : isUnread ? sql`and read_at is null` : sql`and read_at is not null`;
  return sql`tenant_id = ${tenantId} and agent_id = ${agentId} ${unread}`;
}

/** Those of a person among these. */
export async function notificationsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly NotificationId[],
  agentId: AgentId,
): Promise<Map<NotificationId, Notification>> {
  const { rows } = await sql<Row<'notification'>>`
    select * from notification where tenant_id = ${tenantId} and agent_id = ${agentId} and id = any(${ids}::uuid[])`.execute(
    trx,
  );
  return new Map(rows.map((row) => [row.id, toNotification(row)]));
}

/** Marks notifications of a person as read, all of them without ids. Returns how many. */
export async function markRead(
  trx: Trx,
  { tenantId, agentId }: Reader,
  ids: readonly NotificationId[] | null,
  now: Date,
): Promise<number> {
  const these = ids === null ? sql`` : sql`and id = any(${ids}::uuid[])`;
  const { numAffectedRows } = await sql`
    update notification set read_at = ${now}
    where tenant_id = ${tenantId} and agent_id = ${agentId} and read_at is null ${these}`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

/** Marks what everybody was told of an account before an event as read. */
export async function withdraw(
  trx: Trx,
  { tenantId, id }: { readonly tenantId: TenantId; readonly id: EventId },
  { accountId, kind }: { readonly accountId: ChannelAccountId; readonly kind: NotificationKind },
  now: Date,
): Promise<void> {
  await sql`
    update notification set read_at = ${now}
    where tenant_id = ${tenantId} and account_id = ${accountId} and kind = ${kind} and read_at is null
      and event_id < ${id}`.execute(trx);
}

const keptDays = 90;

export async function forgetOldNotifications(trx: Trx): Promise<void> {
  await trx
    .deleteFrom('notification')
    .where('created_at', '<', sql<Date>`now() - ${keptDays} * interval '1 day'`)
    .execute();
}

function toNotification(row: Row<'notification'>): Notification {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    agentId: row.agent_id,
    eventId: row.event_id,
    kind: row.kind,
    conversationId: row.conversation_id,
    jobId: row.job_id,
    accountId: row.account_id,
    caseId: row.case_id,
    aboutAgentId: row.about_agent_id,
    followUpId: row.follow_up_id,
    actorId: row.actor_id,
    noteId: row.note_id,
    createdAt: row.created_at,
    readAt: row.read_at,
  };
}

function toRow(one: Notification): Row<'notification'> {
  return {
    tenant_id: one.tenantId,
    id: one.id,
    agent_id: one.agentId,
    event_id: one.eventId,
    kind: one.kind,
    conversation_id: one.conversationId,
    job_id: one.jobId,
    account_id: one.accountId,
    case_id: one.caseId,
    about_agent_id: one.aboutAgentId,
    follow_up_id: one.followUpId,
    actor_id: one.actorId,
    note_id: one.noteId,
    created_at: one.createdAt,
    read_at: one.readAt,
  };
}
