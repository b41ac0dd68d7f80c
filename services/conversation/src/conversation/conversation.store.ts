import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Conversation, Enquiry } from './conversation.domain.ts';
import { toMarks, toStoredMarks } from './marks-row.ts';
import { isMarked } from './marks.domain.ts';

export interface ConversationKey {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
}

/** Keys a Map: ids come from outside, so two tenants may have the same one. */
export function keyText({ tenantId, id }: { readonly tenantId: TenantId; readonly id: string }): string {
  return `${tenantId}/${id}`;
}

/** Locks the conversations that exist, in the order of their ids, so that two batches cannot deadlock. */
export async function lockConversations(
  trx: Transaction<DB>,
  keys: readonly ConversationKey[],
): Promise<Map<string, Conversation>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<Row<'conversation'>>`
    select c.* from conversation c
    join (select distinct tenant_id, id from unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.id)}::uuid[])
      as k (tenant_id, id)) as wanted on c.tenant_id = wanted.tenant_id and c.id = wanted.id
    order by c.tenant_id, c.id for update of c`.execute(trx);
  return new Map(rows.map((row) => [keyText({ tenantId: row.tenant_id, id: row.id }), toConversation(row)]));
}

/** Locks a conversation, or the one that it was joined into. */
export async function lockConversation(trx: Transaction<DB>, key: ConversationKey): Promise<Conversation | null> {
  const conversation = (await lockConversations(trx, [key])).get(keyText(key)) ?? null;
  if (conversation === null || conversation.joinedInto === null) return conversation;
  return lockConversation(trx, { tenantId: key.tenantId, id: conversation.joinedInto });
}

/** A conversation, or the one that it was joined into, not locked: for what changes nothing of it. */
export async function findConversation(
  trx: Transaction<DB>,
  { tenantId, id }: ConversationKey,
): Promise<Conversation | null> {
  const conversation = (await conversationsByIds(trx, tenantId, [id])).get(id) ?? null;
  if (conversation === null || conversation.joinedInto === null) return conversation;
  return findConversation(trx, { tenantId, id: conversation.joinedInto });
}

/** Leads conversations that were joined into a joined one to the last one directly. */
export async function redirectJoined(trx: Transaction<DB>, from: ConversationKey, into: ConversationId): Promise<void> {
  await trx
    .updateTable('conversation')
    .set({ joined_into: into })
    .where('tenant_id', '=', from.tenantId)
    .where('joined_into', '=', from.id)
    .execute();
}

/** The lock for appending events of a conversation, which must be locked in this transaction. */
export function aggregateOf(conversation: Conversation): LockedAggregate {
  return lockedAggregate(conversation);
}

/** Locks the given conversations and creates the missing ones, each with the next number of its workspace. */
export async function lockOrCreateConversations(
  trx: Transaction<DB>,
  first: readonly Omit<Conversation, 'number'>[],
): Promise<Map<string, Conversation>> {
  return createMissing(trx, await lockConversations(trx, first), first);
}

/** Creates those that are not among the locked ones, and returns all of them locked. */
export async function createMissing(
  trx: Transaction<DB>,
  existing: Map<string, Conversation>,
  first: readonly Omit<Conversation, 'number'>[],
): Promise<Map<string, Conversation>> {
  const missing = new Map(
    first.filter((one) => !existing.has(keyText(one))).map((one) => [keyText(one), one] as const),
  );
  if (missing.size === 0) return existing;
  await insertConversations(trx, await numbered(trx, [...missing.values()]));
  // Read back, because another process may have created one of them in the meantime.
  const created = await lockConversations(trx, [...missing.values()]);
  return new Map([...existing, ...created]);
}

/** Takes a block of numbers per workspace. The counter stays locked until the commit, so a rollback leaves no gap. */
async function numbered(
  trx: Transaction<DB>,
  missing: readonly Omit<Conversation, 'number'>[],
): Promise<Conversation[]> {
  const { rows } = await sql<Row<'conversation_counter'>>`
    insert into conversation_counter as counter (tenant_id, last_number)
    select tenant_id, count(*) from unnest(${missing.map((one) => one.tenantId)}::uuid[]) as m (tenant_id)
    group by tenant_id order by tenant_id
    on conflict (tenant_id) do update set last_number = counter.last_number + excluded.last_number
    returning tenant_id, last_number`.execute(trx);
  const last = new Map(rows.map((row) => [row.tenant_id, row.last_number]));
  return missing.toReversed().map((one) => {
    const number = last.get(one.tenantId) ?? 0;
    last.set(one.tenantId, number - 1);
    return { ...one, number };
  });
}

async function insertConversations(trx: Transaction<DB>, conversations: readonly Conversation[]): Promise<void> {
  const sorted = conversations.toSorted((a, b) => (keyText(a) < keyText(b) ? -1 : 1));
  await sql`
    insert into conversation
    select * from json_populate_recordset(null::conversation, ${JSON.stringify(sorted.map(toRow))}::json)
    on conflict (tenant_id, id) do nothing`.execute(trx);
}

/** Writes conversations, which must be locked in this transaction. Only `saveChanges` calls it: what follows follows. */
export async function saveConversations(trx: Transaction<DB>, conversations: readonly Conversation[]): Promise<void> {
  if (conversations.length === 0) return;
  await sql`
    update conversation c
    set buyer_name = n.buyer_name, state = n.state, priority = n.priority, assignee_id = n.assignee_id, phase = n.phase,
      snoozed_until = n.snoozed_until, cycle = n.cycle, team_id = n.team_id, enquiry_type = n.enquiry_type,
      enquiry_subtype = n.enquiry_subtype, enquiry_by = n.enquiry_by, language = n.language,
      marks = n.marks, is_complaint = n.is_complaint, is_risk = n.is_risk, unread_count = n.unread_count,
      waiting_since = n.waiting_since, overdue_since = n.overdue_since, last_message_at = n.last_message_at, last_message_preview = n.last_message_preview,
      last_inbound_at = n.last_inbound_at, joined_into = n.joined_into, regrouping_id = n.regrouping_id,
      is_regrouped = n.is_regrouped, version = n.version, revision = n.revision,
      buyer_version = n.buyer_version, person_version = n.person_version, content_version = n.content_version,
      inbound_seq = n.inbound_seq, erased_at = n.erased_at
    from json_populate_recordset(null::conversation, ${JSON.stringify(conversations.map(toRow))}::json) n
    where c.tenant_id = n.tenant_id and c.id = n.id`.execute(trx);
}

export async function conversationsByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Conversation>> {
  const rows = await trx
    .selectFrom('conversation')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, toConversation(row)]));
}

export function toConversation(row: Row<'conversation'>): Conversation {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    number: row.number,
    accountId: row.account_id,
    channel: row.channel,
    externalThreadId: row.external_thread_id,
    buyerName: row.buyer_name,
    state: row.state,
    priority: row.priority,
    assigneeId: row.assignee_id,
    phase: row.phase,
    snoozedUntil: row.snoozed_until,
    cycle: row.cycle,
    teamId: row.team_id,
    enquiry: enquiryOf(row),
    language: row.language,
    marks: toMarks(row.marks),
    unreadCount: row.unread_count,
    waitingSince: row.waiting_since,
    overdueSince: row.overdue_since,
    lastMessageAt: row.last_message_at,
    lastMessagePreview: row.last_message_preview,
    lastInboundAt: row.last_inbound_at,
    joinedInto: row.joined_into,
    splitFrom: row.split_from,
    regroupingId: row.regrouping_id,
    isRegrouped: row.is_regrouped,
    version: row.version,
    revision: row.revision,
    buyerVersion: row.buyer_version,
    personVersion: row.person_version,
    contentVersion: row.content_version,
    inboundSeq: row.inbound_seq,
    erasedAt: row.erased_at,
    createdAt: row.created_at,
  };
}

function enquiryOf({
  enquiry_type: type,
  enquiry_subtype: subtype,
  enquiry_by: by,
}: Row<'conversation'>): Enquiry | null {
  return type === null || by === null ? null : { type, subtype, by };
}

function toRow(conversation: Conversation): Row<'conversation'> {
  return {
    tenant_id: conversation.tenantId,
    id: conversation.id,
    number: conversation.number,
    account_id: conversation.accountId,
    channel: conversation.channel,
    external_thread_id: conversation.externalThreadId,
    buyer_name: conversation.buyerName,
    state: conversation.state,
    priority: conversation.priority,
    assignee_id: conversation.assigneeId,
    phase: conversation.phase,
    snoozed_until: conversation.snoozedUntil,
    cycle: conversation.cycle,
    team_id: conversation.teamId,
    enquiry_type: conversation.enquiry?.type ?? null,
    enquiry_subtype: conversation.enquiry?.subtype ?? null,
    enquiry_by: conversation.enquiry?.by ?? null,
    language: conversation.language,
    marks: toStoredMarks(conversation.marks),
    is_complaint: isMarked(conversation, 'complaint'),
    is_risk: isMarked(conversation, 'risk'),
    unread_count: conversation.unreadCount,
    waiting_since: conversation.waitingSince,
    overdue_since: conversation.overdueSince,
    last_message_at: conversation.lastMessageAt,
    last_message_preview: conversation.lastMessagePreview,
    last_inbound_at: conversation.lastInboundAt,
    joined_into: conversation.joinedInto,
    split_from: conversation.splitFrom,
    regrouping_id: conversation.regroupingId,
    is_regrouped: conversation.isRegrouped,
    version: conversation.version,
    revision: conversation.revision,
    buyer_version: conversation.buyerVersion,
    person_version: conversation.personVersion,
    content_version: conversation.contentVersion,
    inbound_seq: conversation.inboundSeq,
    erased_at: conversation.erasedAt,
    created_at: conversation.createdAt,
  };
}
