import type { Channel } from '@crossdesk/channels';
import type { AgentId, ChannelAccountId, ConversationId, CustomerId, TeamId, TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { hasCustomerTag, isInTier } from '../customer-mark/customer-mark.store.ts';
import type { DB, Row } from '../db.ts';
import {
  type Conversation,
  type ConversationPhase,
  type ConversationPriority,
  conversationStates,
  type ConversationState,
  type EnquiryType,
} from './conversation.domain.ts';
import { ofCustomer } from './conversation-customer.store.ts';
import { toConversation } from './conversation.store.ts';
import { markKinds } from './marks.domain.ts';

export const listedMarks = ['awaiting-reply', 'overdue', ...markKinds] as const;
export type ListedMark = (typeof listedMarks)[number];

export interface ConversationFilter {
  /** Only these: few enough to read each by its key. */
  readonly ids: readonly ConversationId[] | null;
  readonly states: readonly ConversationState[] | null;
  readonly priorities: readonly ConversationPriority[] | null;
  readonly accountIds: readonly ChannelAccountId[] | null;
  readonly channels: readonly Channel[] | null;
  readonly assigneeId: AgentId | null;
  readonly teamIds: readonly TeamId[] | null;
  readonly phases: readonly ConversationPhase[] | null;
  readonly enquiryTypes: readonly EnquiryType[] | null;
  readonly customerId: CustomerId | null;
  readonly isUnassigned: boolean | null;
  readonly isUnread: boolean | null;
  /** Members and watchers: only theirs, or only the others. */
  readonly watched: { readonly by: AgentId; readonly isWanted: boolean } | null;
  readonly isOverdue: boolean | null;
  /** Conversations in which one of them stands. */
  readonly marks: readonly ListedMark[] | null;
  /** Folded. */
  readonly hasTag: string | null;
  /** Their customer has one of these tags; folded. */
  readonly customerTags: readonly string[] | null;
  readonly customerTiers: readonly string[] | null;
  readonly lastMessageFrom: Date | null;
  readonly lastMessageBefore: Date | null;
}

export interface ConversationPage {
  readonly filter: ConversationFilter;
  readonly order: 'LAST_MESSAGE_DESC' | 'WAITING_LONGEST' | 'DUE_FIRST';
  readonly first: number;
  readonly after: Keyset | null;
}

/** A conversation with the place that it has in the order by due time. */
export interface ListedConversation extends Conversation {
  readonly dueAt: Date | null;
}

type ConversationRow = Row<'conversation'> & { readonly due_at?: Date };
type Condition = RawBuilder<unknown>;

/** Reads one row more than a page, so that the caller sees whether there is a next page. */
export async function listConversations(
  trx: Transaction<DB>,
  tenantId: TenantId,
  page: ConversationPage,
): Promise<ListedConversation[]> {
  const { rows } = await conversationListQuery(tenantId, page).execute(trx);
  return rows.map((row) => ({ ...toConversation(row), dueAt: row.due_at ?? null }));
}

/** The ids of the conversations that match, up to a limit, in the order of their ids. */
export async function conversationIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  filter: ConversationFilter,
  limit: number,
): Promise<ConversationId[]> {
  const conditions = [...restrictions(tenantId, filter), ...statesOf(filter)];
  const { rows } = await sql<Pick<ConversationRow, 'id'>>`
    select id from conversation where tenant_id = ${tenantId} and joined_into is null ${and(conditions)}
    order by id limit ${limit}`.execute(trx);
  return rows.map(({ id }) => id);
}

/** Some of the conversations that match, in no order. */
export function matchingConversations(
  tenantId: TenantId,
  filter: ConversationFilter,
  limit: number,
): RawBuilder<ConversationRow> {
  const conditions = [...restrictions(tenantId, filter), ...statesOf(filter)];
  return sql<ConversationRow>`
    select * from conversation where tenant_id = ${tenantId} and joined_into is null ${and(conditions)} limit ${limit}`;
}

/** How many conversations match, counted up to a bound. */
export function countConversations(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { filter, order }: Pick<ConversationPage, 'filter' | 'order'>,
): Promise<number> {
  const conditions = [...restrictions(tenantId, filter), ...statesOf(filter)];
  if (order === 'WAITING_LONGEST') conditions.push(sql`waiting_since is not null`);
  if (order === 'DUE_FIRST')
    conditions.push(sql`exists (select from sla_state s
      where s.tenant_id = ${tenantId} and s.conversation_id = conversation.id and s.due_at is not null)`);
  return countRows(
    trx,
    sql`select 1 from conversation where tenant_id = ${tenantId} and joined_into is null ${and(conditions)}`,
  );
}

export function conversationListQuery(tenantId: TenantId, page: ConversationPage): RawBuilder<ConversationRow> {
  if (page.order === 'DUE_FIRST') return dueFirst(tenantId, page);
  return page.order === 'WAITING_LONGEST' ? waitingLongest(tenantId, page) : latestMessage(tenantId, page);
}

function dueFirst(tenantId: TenantId, { filter, first, after }: ConversationPage): RawBuilder<ConversationRow> {
  const conditions = [...restrictions(tenantId, filter), ...statesOf(filter)];
  const behind =
    after === null ? [] : [sql`(s.due_at, s.conversation_id) > (${after.at}::timestamptz, ${after.id}::uuid)`];
  // One conversation for each row: the planner then reads the rows in their order, and stops when the page is full.
  return sql<ConversationRow>`
    select c.*, s.due_at from sla_state s cross join lateral (
      select * from conversation
      where tenant_id = ${tenantId} and id = s.conversation_id and joined_into is null ${and(conditions)} limit 1) c
    where s.tenant_id = ${tenantId} and s.due_at is not null ${and(behind)}
    order by s.due_at, s.conversation_id limit ${first + 1}`;
}

function waitingLongest(tenantId: TenantId, { filter, first, after }: ConversationPage): RawBuilder<ConversationRow> {
  const conditions = [...restrictions(tenantId, filter), ...statesOf(filter)];
  if (after !== null) conditions.push(sql`(waiting_since, id) > (${after.at}::timestamptz, ${after.id}::uuid)`);
  return sql<ConversationRow>`
    select * from conversation where tenant_id = ${tenantId} and waiting_since is not null and joined_into is null ${and(conditions)}
    order by waiting_since, id limit ${first + 1}`;
}

/**
 * Reads the top of one index range per state, and per account or channel if the filter names them, and merges the tops.
 * The cost depends on the page size, not on how many conversations match or have to be skipped.
 */
function latestMessage(tenantId: TenantId, { filter, first, after }: ConversationPage): RawBuilder<ConversationRow> {
  const ranges = rangesOf(filter);
  const conditions = [...restrictions(tenantId, filter)];
  if (after !== null) conditions.push(sql`(last_message_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`);
  return sql<ConversationRow>`
    select c.* from unnest(${filter.states ?? conversationStates}::text[]) as s (state) ${ranges.source}
    cross join lateral (
      select * from conversation
      where tenant_id = ${tenantId} and conversation.state = s.state and joined_into is null ${ranges.condition} ${and(conditions)}
      order by last_message_at desc, id desc limit ${first + 1}) c
    order by last_message_at desc, id desc limit ${first + 1}`;
}

function rangesOf(filter: ConversationFilter) {
  const { assigneeId, customerId, watched, priorities, accountIds, teamIds, enquiryTypes, channels } = filter;
  const none = sql``;
  // One customer, assignee or watcher is the most selective filter and a plain condition; accounts and channels then only restrict
  // further.
  if (filter.ids !== null || customerId !== null || assigneeId !== null || watched?.isWanted === true)
    return { source: none, condition: none };
  // Those that are not normal are few, and have an index of their own.
  if (priorities !== null && !priorities.includes('normal')) {
    return {
      source: sql`cross join (select distinct unnest(${priorities}::text[])) as p (priority)`,
      condition: sql`and conversation.priority = p.priority and conversation.priority <> 'normal'`,
    };
  }
  if (accountIds !== null) {
    return {
      source: sql`cross join (select distinct unnest(${accountIds}::uuid[])) as a (account_id)`,
      condition: sql`and conversation.account_id = a.account_id`,
    };
  }
  if (teamIds !== null) {
    return {
      source: sql`cross join (select distinct unnest(${teamIds}::uuid[])) as t (team_id)`,
      condition: sql`and conversation.team_id = t.team_id`,
    };
  }
  if (enquiryTypes !== null) {
    return {
      source: sql`cross join (select distinct unnest(${enquiryTypes}::text[])) as e (enquiry_type)`,
      condition: sql`and conversation.enquiry_type = e.enquiry_type`,
    };
  }
  if (channels === null) return { source: none, condition: none };
  return {
    source: sql`cross join (select distinct unnest(${channels}::text[])) as h (channel)`,
    condition: sql`and conversation.channel = h.channel`,
  };
}

function restrictions(tenantId: TenantId, filter: ConversationFilter): Condition[] {
  const { assigneeId, isUnassigned, isUnread, accountIds, channels, lastMessageFrom, lastMessageBefore } = filter;
  const conditions = filter.ids === null ? [] : [sql`id = any(${filter.ids}::uuid[])`];
  if (filter.customerId !== null) conditions.push(isOfCustomer(tenantId, filter.customerId));
  if (assigneeId !== null) conditions.push(sql`assignee_id = ${assigneeId}`);
  if (filter.teamIds !== null) conditions.push(sql`team_id = any(${filter.teamIds}::uuid[])`);
  if (filter.phases !== null) conditions.push(sql`phase = any(${filter.phases}::text[])`);
  if (filter.enquiryTypes !== null) conditions.push(sql`enquiry_type = any(${filter.enquiryTypes}::text[])`);
  if (isUnassigned === true) conditions.push(sql`assignee_id is null`);
  if (isUnassigned === false) conditions.push(sql`assignee_id is not null`);
  if (filter.isOverdue !== null) conditions.push(isOverdue(tenantId, filter.isOverdue));
  if (filter.marks !== null) conditions.push(isMarkedWith(tenantId, filter.marks));
  if (isUnread === true) conditions.push(sql`unread_count > 0`);
  if (isUnread === false) conditions.push(sql`unread_count = 0`);
  if (filter.watched !== null) conditions.push(isWatched(tenantId, filter.watched));
  if (lastMessageFrom !== null) conditions.push(sql`last_message_at >= ${lastMessageFrom}`);
  if (lastMessageBefore !== null) conditions.push(sql`last_message_at < ${lastMessageBefore}`);
  if (filter.priorities !== null) conditions.push(sql`priority = any(${filter.priorities}::text[])`);
  if (filter.hasTag !== null) conditions.push(isTagged(tenantId, filter.hasTag));
  if (filter.customerTags !== null)
    conditions.push(hasCustomerTag(tenantId, filter.customerTags, sql`conversation.id`));
  if (filter.customerTiers !== null) conditions.push(isInTier(tenantId, filter.customerTiers, sql`conversation.id`));
  if (accountIds !== null) conditions.push(sql`account_id = any(${accountIds}::uuid[])`);
  if (channels !== null) conditions.push(sql`channel = any(${channels}::text[])`);
  return conditions;
}

/**
 * The ids first: they are few, and the conversations are then read by their key. A customer who was merged into another
 * one is that one.
 */
function isOfCustomer(tenantId: TenantId, customerId: CustomerId): Condition {
  return sql`id = any(${ofCustomer(tenantId, customerId)})`;
}

function isWatched(tenantId: TenantId, { by, isWanted }: NonNullable<ConversationFilter['watched']>): Condition {
  const theirs = sql`(array(
    select conversation_id from conversation_member where tenant_id = ${tenantId} and agent_id = ${by}))`;
  return isWanted ? sql`id = any ${theirs}` : sql`id <> all ${theirs}`;
}

/** Those that are overdue have an index of their own; the first 5,000 of them are more than anybody can answer. */
function isOverdue(tenantId: TenantId, isWanted: boolean): Condition {
  if (!isWanted) return sql`overdue_since is null`;
  return sql`id = any(array(select o.id from conversation o
    where o.tenant_id = ${tenantId} and o.overdue_since is not null order by o.overdue_since, o.id limit 5000))`;
}

const rowsOfMark: Readonly<Record<ListedMark, Condition>> = {
  'awaiting-reply': sql`m.waiting_since is not null order by m.waiting_since, m.id`,
  overdue: sql`m.overdue_since is not null order by m.overdue_since, m.id`,
  complaint: sql`m.is_complaint order by m.last_message_at desc, m.id desc`,
  risk: sql`m.is_risk order by m.last_message_at desc, m.id desc`,
};

/** Each mark has an index of its own: the first 5,000 of each. */
function isMarkedWith(tenantId: TenantId, marks: readonly ListedMark[]): Condition {
  if (marks.length === 0) return sql`false`;
  const parts = marks.map(
    (mark) => sql`(select m.id from conversation m where m.tenant_id = ${tenantId} and ${rowsOfMark[mark]} limit 5000)`,
  );
  return sql`id = any(array(${sql.join(parts, sql` union all `)}))`;
}

function isTagged(tenantId: TenantId, foldedName: string): Condition {
  return sql`id in (
    select c.conversation_id from tag t join conversation_tag c on c.tenant_id = t.tenant_id and c.tag_id = t.id
    where t.tenant_id = ${tenantId} and t.folded_name = ${foldedName})`;
}

function statesOf({ states }: ConversationFilter): Condition[] {
  return states === null ? [] : [sql`state = any(${states}::text[])`];
}

function and(conditions: readonly Condition[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`` : sql`and ${sql.join(conditions, sql` and `)}`;
}
