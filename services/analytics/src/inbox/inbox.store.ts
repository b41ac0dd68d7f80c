import type { AgentId, TeamId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { type Counter, type Fact, type InboxMark, inboxMarks, type Told } from './inbox.domain.ts';

type Trx = Transaction<DB>;

/** Nobody, and no team: nothing in the key of a counter is null. */
export const zeroId = '00000000-0000-0000-0000-000000000000';

/**
 * Locks the facts of the conversations that are told of and returns those that are counted. New conversations get a row
 * that counts nothing, so that there is a row to lock.
 */
export async function lockFacts(trx: Trx, told: readonly Told[]): Promise<Fact[]> {
  const keys = told.map(({ tenantId, conversation }) => ({
    tenant_id: tenantId,
    conversation_id: conversation.conversationId,
    account_id: conversation.accountId,
    channel: conversation.channel,
    state: conversation.state,
  }));
  await sql`
    insert into conversation_fact (tenant_id, conversation_id, account_id, channel, state, phase, marks, unread_count,
      unprocessed_count, replied_count, inbound_count, settled_count, answered_count, abnormal_ids, is_joined, version)
    select tenant_id, conversation_id, account_id, channel, state, 'open', '{}', 0, 0, 0, 0, 0, 0, '{}', false, 0
    from json_to_recordset(${JSON.stringify(keys)}::json)
      as f (tenant_id uuid, conversation_id uuid, account_id uuid, channel text, state text)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do nothing`.execute(trx);
  const { rows } = await sql<Row<'conversation_fact'>>`
    select * from conversation_fact
    where (tenant_id, conversation_id) in (select * from unnest(${keys.map((key) => key.tenant_id)}::uuid[],
      ${keys.map((key) => key.conversation_id)}::uuid[]))
    order by tenant_id, conversation_id for update`.execute(trx);
  return rows.filter((row) => row.version > 0).map(toFact);
}

function toFact(row: Row<'conversation_fact'>): Fact {
  return {
    tenantId: row.tenant_id,
    conversationId: row.conversation_id,
    accountId: row.account_id,
    channel: row.channel,
    state: row.state,
    phase: row.phase,
    assigneeId: row.assignee_id,
    teamId: row.team_id,
    enquiryType: row.enquiry_type,
    marks: row.marks,
    unreadCount: row.unread_count,
    unprocessedCount: row.unprocessed_count,
    repliedCount: row.replied_count,
    abnormalCount: row.abnormal_ids.length,
    inboundCount: row.inbound_count,
    settledCount: row.settled_count,
    answeredCount: row.answered_count,
    abnormalIds: row.abnormal_ids,
    isJoined: row.is_joined,
    version: row.version,
  };
}

function toRow(fact: Fact): Row<'conversation_fact'> {
  return {
    tenant_id: fact.tenantId,
    conversation_id: fact.conversationId,
    account_id: fact.accountId,
    channel: fact.channel,
    state: fact.state,
    phase: fact.phase,
    assignee_id: fact.assigneeId,
    team_id: fact.teamId,
    enquiry_type: fact.enquiryType,
    marks: [...fact.marks],
    unread_count: fact.unreadCount,
    unprocessed_count: fact.unprocessedCount,
    replied_count: fact.repliedCount,
    inbound_count: fact.inboundCount,
    settled_count: fact.settledCount,
    answered_count: fact.answeredCount,
    abnormal_ids: [...fact.abnormalIds],
    is_joined: fact.isJoined,
    version: fact.version,
  };
}

/** Replaces locked facts. */
export async function saveFacts(trx: Trx, facts: readonly Fact[]): Promise<void> {
  await sql`
    update conversation_fact as c
    set account_id = f.account_id, channel = f.channel, state = f.state, phase = f.phase, assignee_id = f.assignee_id,
      team_id = f.team_id, enquiry_type = f.enquiry_type, marks = f.marks, unread_count = f.unread_count,
      unprocessed_count = f.unprocessed_count, replied_count = f.replied_count, inbound_count = f.inbound_count,
      settled_count = f.settled_count, answered_count = f.answered_count, abnormal_ids = f.abnormal_ids,
      is_joined = f.is_joined, version = f.version
    from json_populate_recordset(null::conversation_fact, ${JSON.stringify(facts.map(toRow))}::json) f
    where c.tenant_id = f.tenant_id and c.conversation_id = f.conversation_id`.execute(trx);
}

/** Adds changes to the counters, and notes that there is something to tell. All batches use the same order of rows, so that they cannot deadlock. */
export async function addToCounters(trx: Trx, changes: readonly Counter[]): Promise<void> {
  const tenantIds = [...new Set(changes.map(({ tenantId }) => tenantId))];
  await sql`
    with noted as (insert into inbox_change (tenant_id) select unnest(${tenantIds}::uuid[]))
    insert into inbox_counter as c
    select * from json_populate_recordset(null::inbox_counter, ${JSON.stringify(changes.map(toCounterRow))}::json)
    order by tenant_id, account_id, channel, state, phase, assignee_id, team_id, enquiry_type, marks
    on conflict (tenant_id, account_id, channel, state, phase, assignee_id, team_id, enquiry_type, marks) do update
    set conversation_count = c.conversation_count + excluded.conversation_count,
      unread_message_count = c.unread_message_count + excluded.unread_message_count,
      unprocessed_message_count = c.unprocessed_message_count + excluded.unprocessed_message_count,
      replied_message_count = c.replied_message_count + excluded.replied_message_count,
      abnormal_message_count = c.abnormal_message_count + excluded.abnormal_message_count`.execute(trx);
}

function toCounterRow(counter: Counter) {
  return {
    tenant_id: counter.tenantId,
    account_id: counter.accountId,
    channel: counter.channel,
    state: counter.state,
    phase: counter.phase,
    assignee_id: counter.assigneeId ?? zeroId,
    team_id: counter.teamId ?? zeroId,
    enquiry_type: counter.enquiryType ?? '',
    marks: counter.marks.join(),
    conversation_count: counter.conversationCount,
    unread_message_count: counter.unreadCount,
    unprocessed_message_count: counter.unprocessedCount,
    replied_message_count: counter.repliedCount,
    abnormal_message_count: counter.abnormalCount,
  };
}

export interface Progress {
  readonly tenantId: TenantId;
  readonly countedUntil: string;
}

/** Records up to which event each tenant is counted. */
export async function noteProgress(trx: Trx, progress: readonly Progress[]): Promise<void> {
  await sql`
    insert into inbox_progress as p (tenant_id, counted_until)
    select tenant_id, max(counted_until)
    from unnest(${progress.map((one) => one.tenantId)}::uuid[],
      ${progress.map((one) => one.countedUntil)}::timestamptz[]) as n (tenant_id, counted_until)
    group by tenant_id order by tenant_id
    on conflict (tenant_id) do update set counted_until = excluded.counted_until
    where p.counted_until < excluded.counted_until`.execute(trx);
}

/** The change of a counter, or a counter, as a row has it. */
export function toCounter(row: Row<'inbox_counter'>): Counter {
  const marks = new Set(row.marks.split(','));
  return {
    tenantId: row.tenant_id,
    accountId: row.account_id,
    channel: row.channel,
    state: row.state,
    phase: row.phase,
    assigneeId: notZero<AgentId>(row.assignee_id),
    teamId: notZero<TeamId>(row.team_id),
    enquiryType: row.enquiry_type === '' ? null : row.enquiry_type,
    marks: inboxMarks.filter((mark: InboxMark) => marks.has(mark)),
    conversationCount: Number(row.conversation_count),
    unreadCount: Number(row.unread_message_count),
    unprocessedCount: Number(row.unprocessed_message_count),
    repliedCount: Number(row.replied_message_count),
    abnormalCount: Number(row.abnormal_message_count),
  };
}

function notZero<Id extends string>(id: Id): Id | null {
  return id === zeroId ? null : id;
}
