import type { Leaf } from '@crossdesk/condition';
import { parseChannel } from '@crossdesk/channels';
import {
  type AgentId,
  type ChannelAccountId,
  type ConversationId,
  parseId,
  type TeamId,
  type TenantId,
} from '@crossdesk/contracts';
import { countMax, type Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import {
  type ConversationFilter,
  type ConversationPage,
  conversationListQuery,
  type ListedMark,
  listedMarks,
  matchingConversations,
} from '../conversation/conversation-list.store.ts';
import {
  type Conversation,
  conversationPriorities,
  conversationStates,
  enquiryTypes,
} from '../conversation/conversation.domain.ts';
import { toConversation } from '../conversation/conversation.store.ts';
import { hasCustomerTag, isInTier } from '../customer-mark/customer-mark.store.ts';
import type { DB, Row } from '../db.ts';
import { attributeKeyOf, type ViewCondition, type ViewField } from './view-field.domain.ts';
import { requiredValues } from './view.domain.ts';

type Fragment = RawBuilder<unknown>;

interface Seen {
  readonly tenantId: TenantId;
  /** As one person sees it: it names nobody `me`. */
  readonly condition: ViewCondition;
  readonly now: Date;
}

export interface ViewPage extends Pick<ConversationPage, 'order' | 'first' | 'after'> {
  /** How many conversations are looked at in all; another number in tests. */
  readonly scannedMax?: number;
}

export interface ViewRows {
  /** One more than a page, if there are more. */
  readonly rows: readonly Conversation[];
  /** Where the scan was ended before it had enough or was through. */
  readonly stoppedAt: Keyset | null;
}

const scannedMaxUsual = 20_000;
/** Most pages are full after a few rows; the scan looks at more and more of them. */
const firstWindowRows = 200;
const windowGrowth = 5;

/**
 * A page of the conversations of a view, driven by the index of its order: the conditions that every conversation must
 * meet choose the range, the others are asked of each row. A page of rare conversations ends early, where the scan
 * stands.
 */
export async function listOfView(trx: Transaction<DB>, seen: Seen, page: ViewPage): Promise<ViewRows> {
  const { scannedMax = scannedMaxUsual } = page;
  const ids = await idsWithAttribute(trx, seen);
  const rows: Conversation[] = [];
  let after = page.after;
  let scanned = 0;
  for (let size = Math.min(firstWindowRows, scannedMax); ; size = Math.min(size * windowGrowth, scannedMax - scanned)) {
    const window = await readWindow(trx, seen, { ...page, ids, after, size, wanted: page.first + 1 - rows.length });
    rows.push(...window.rows);
    scanned += size;
    if (window.end === null || rows.length > page.first) return { rows, stoppedAt: null };
    if (scanned >= scannedMax) return { rows, stoppedAt: window.end };
    after = window.end;
  }
}

interface Window extends Pick<ConversationPage, 'order' | 'after'> {
  readonly size: number;
  readonly wanted: number;
  /** Only these, if an attribute names so few; null: any. */
  readonly ids: readonly ConversationId[] | null;
}

type WindowRow = Row<'conversation'> & { readonly scanned: number; readonly end_at: Date; readonly end_id: string };

type FoundRow = WindowRow | { [Name in keyof WindowRow]: WindowRow[Name] | null };

/** `end`: the last row that was looked at; null if there is none behind it. */
async function readWindow(trx: Transaction<DB>, seen: Seen, window: Window) {
  const { rows } = await windowQuery(seen, window).execute(trx);
  const [first] = rows;
  const isFull = first !== undefined && first.scanned === window.size && first.end_at !== null && first.end_id !== null;
  return {
    rows: rows.filter((row): row is WindowRow => row.id !== null).map(toConversation),
    end: isFull ? { at: first.end_at, id: first.end_id } : null,
  };
}

/** The rows of the view among the next ones of its range, and the last row that was looked at. */
export function windowQuery(seen: Seen, { size, wanted, ids, ...page }: Window): RawBuilder<FoundRow> {
  const isWaiting = page.order === 'WAITING_LONGEST';
  const filter = { ...(isWaiting || ids !== null ? anything : rangeOf(seen.condition)), ids };
  const scan = conversationListQuery(seen.tenantId, { ...page, filter, first: size - 1 });
  const place = isWaiting ? sql`waiting_since` : sql`last_message_at`;
  const [forth, back] = isWaiting ? [sql`asc`, sql`desc`] : [sql`desc`, sql`asc`];
  return sql<FoundRow>`
    with scan as materialized (${scan}),
    last as (
      select ${place} as end_at, id as end_id, (select count(*)::int from scan) as scanned
      from scan order by ${place} ${back}, id ${back} limit 1)
    select last.*, found.* from last left join lateral (
      select * from scan c where ${sqlOf(seen)} order by ${place} ${forth}, id ${forth} limit ${wanted}) found on true
    order by found.${place} ${forth}, found.id ${forth}`;
}

export interface ViewCount {
  readonly value: number;
  readonly isExact: boolean;
}

/** How many conversations the view has, up to a bound, and looking at no more conversations than a page may. */
export async function countOfView(
  trx: Transaction<DB>,
  seen: Seen,
  { order }: Pick<ViewPage, 'order'>,
): Promise<ViewCount> {
  const isWaiting = order === 'WAITING_LONGEST' ? sql`waiting_since is not null` : sql`true`;
  const ids = await idsWithAttribute(trx, seen);
  const range = ids === null ? rangeOf(seen.condition) : { ...anything, ids };
  const scan = matchingConversations(seen.tenantId, range, scannedMaxUsual);
  const { rows } = await sql<{ found: number; scanned: number }>`
    with scan as materialized (${scan})
    select (select count(*)::int from scan) as scanned,
      (select count(*)::int from (
        select from scan c where ${isWaiting} and ${sqlOf(seen)} limit ${countMax + 1}) counted) as found`.execute(trx);
  const { found, scanned } = rows[0] ?? { found: 0, scanned: 0 };
  return { value: Math.min(found, countMax), isExact: found <= countMax && scanned < scannedMaxUsual };
}

const anything: ConversationFilter = {
  ...{
    ids: null,
    states: null,
    priorities: null,
    accountIds: null,
    channels: null,
    assigneeId: null,
    teamIds: null,
    phases: null,
  },
  ...{
    enquiryTypes: null,
    customerId: null,
    isUnassigned: null,
    isUnread: null,
    isOverdue: null,
    marks: null,
    hasTag: null,
    watched: null,
  },
  ...{ customerTags: null, customerTiers: null },
  ...{ lastMessageFrom: null, lastMessageBefore: null },
};

/**
 * What every conversation of the view has, as far as an index has a range for it: the states and one field more. The
 * scan must meet nothing else, or it would look at any number of rows to fill a window.
 */
function rangeOf(condition: ViewCondition): ConversationFilter {
  const states = wordsOf(condition, 'conversation.state', conversationStates);
  return { ...anything, states, ...narrowestOf(condition) };
}

/** More of them are not read one by one: the scan of the list then finds those that it shows sooner. */
const drivenByMax = 5_000;

/** The conversations with the value that every conversation of the view must have; null if it asks for none, or for many. */
async function idsWithAttribute(trx: Transaction<DB>, seen: Seen): Promise<readonly ConversationId[] | null> {
  const query = attributeQuery(seen);
  if (query === null) return null;
  const { rows } = await query.execute(trx);
  return rows.length > drivenByMax ? null : rows.map((row) => row.conversation_id);
}

/** Reads a range of the index of the type; null if the view requires no attribute. */
export function attributeQuery({
  tenantId,
  condition,
}: Seen): RawBuilder<Pick<Row<'attribute_value'>, 'conversation_id'>> | null {
  const required = condition.kind === 'all' ? condition.of : [condition];
  const leaf = required.flatMap((part) =>
    part.kind === 'leaf' && attributeKeyOf(part.field) !== null ? [part] : [],
  )[0];
  if (leaf === undefined) return null;
  return sql`
    select v.conversation_id from attribute_value v
    where v.tenant_id = ${tenantId} and v.key = ${attributeKeyOf(leaf.field)} and ${isValue(leaf)}
    limit ${drivenByMax + 1}`;
}

/** The type of an attribute shows in how it is asked: words with `in`, numbers and days with bounds. */
function isValue({ op, values }: Leaf<ViewField>): Fragment {
  if (op === 'in') return sql`v.text_value = any(${values}::text[])`;
  const [value = ''] = values;
  const [column, type] = value.includes('-', 1) ? [sql`v.date_value`, sql`date`] : [sql`v.number_value`, sql`float8`];
  return op === 'at-least' ? sql`${column} >= ${value}::${type}` : sql`${column} <= ${value}::${type}`;
}

function narrowestOf(condition: ViewCondition): Partial<ConversationFilter> {
  const ids = (field: ViewField) => requiredValues(condition, field)?.flatMap((value) => parseId(value) ?? []) ?? null;
  const assignees = ids('conversation.assignee');
  const [assigneeId] = assignees ?? [];
  if (assignees?.length === 1 && assigneeId !== undefined) return { assigneeId: assigneeId as AgentId };
  const marks = wordsOf(condition, 'conversation.marks', listedMarks);
  if (marks !== null) return { marks };
  const priorities = wordsOf(condition, 'conversation.priority', conversationPriorities);
  if (priorities !== null && !priorities.includes('normal')) return { priorities };
  const accountIds = ids('conversation.account');
  if (accountIds !== null) return { accountIds: accountIds as ChannelAccountId[] };
  const teamIds = ids('conversation.team');
  if (teamIds !== null) return { teamIds: teamIds as TeamId[] };
  const types = wordsOf(condition, 'conversation.enquiry', enquiryTypes);
  if (types !== null) return { enquiryTypes: types };
  const channels = requiredValues(condition, 'conversation.channel');
  return channels === null ? {} : { channels: channels.flatMap((word) => parseChannel(word) ?? []) };
}

function wordsOf<Word extends string>(condition: ViewCondition, field: ViewField, known: readonly Word[]) {
  const values = requiredValues(condition, field);
  return values === null ? null : known.filter((word) => values.includes(word));
}

const markColumns: Readonly<Record<ListedMark, Fragment>> = {
  'awaiting-reply': sql`c.waiting_since is not null`,
  overdue: sql`c.overdue_since is not null`,
  complaint: sql`c.is_complaint`,
  risk: sql`c.is_risk`,
};

/** The condition on a row `c` of conversation: TRUE, FALSE or NULL exactly where `judge` says TRUE, FALSE or UNKNOWN. */
export function sqlOf({ tenantId, condition, now }: Seen): Fragment {
  const part = (one: ViewCondition) => sqlOf({ tenantId, condition: one, now });
  switch (condition.kind) {
    case 'leaf':
      return leafSql(condition, { tenantId, now });
    case 'not':
      return sql`not (${part(condition.of)})`;
    case 'all':
      return condition.of.length === 0 ? sql`true` : sql`(${sql.join(condition.of.map(part), sql` and `)})`;
    case 'any':
      return condition.of.length === 0 ? sql`false` : sql`(${sql.join(condition.of.map(part), sql` or `)})`;
  }
}

function leafSql(leaf: Leaf<ViewField>, { tenantId, now }: Pick<Seen, 'tenantId' | 'now'>): Fragment {
  const { field, op, values } = leaf;
  const isOne = (value: Fragment, type: Fragment) => sql`${value} = any(${values}::${type}[])`;
  const isSince = (at: Fragment) => {
    const bound = new Date(now.getTime() - Number(values[0]) * 60_000);
    return op === 'at-least' ? sql`${at} <= ${bound}` : sql`${at} >= ${bound}`;
  };
  switch (field) {
    case 'conversation.state':
      return isOne(sql`c.state`, sql`text`);
    case 'conversation.phase':
      return isOne(sql`c.phase`, sql`text`);
    case 'conversation.priority':
      return isOne(sql`c.priority`, sql`text`);
    case 'conversation.channel':
      return isOne(sql`c.channel`, sql`text`);
    case 'conversation.enquiry':
      return isOne(sql`c.enquiry_type`, sql`text`);
    case 'conversation.language':
      return isOne(sql`c.language`, sql`text`);
    case 'conversation.assignee':
      return isOne(sql`c.assignee_id`, sql`uuid`);
    case 'conversation.team':
      return isOne(sql`c.team_id`, sql`uuid`);
    case 'conversation.account':
      return isOne(sql`c.account_id`, sql`uuid`);
    case 'conversation.isAssigned':
      return isOne(sql`(c.assignee_id is not null)`, sql`boolean`);
    case 'conversation.marks': {
      const standing = listedMarks.filter((mark) => values.includes(mark)).map((mark) => markColumns[mark]);
      return sql`(${sql.join(standing, sql` or `)})`;
    }
    case 'conversation.isUnread':
      return isOne(sql`(c.unread_count > 0)`, sql`boolean`);
    case 'conversation.waitingMinutes':
      return isSince(sql`c.waiting_since`);
    case 'conversation.idleMinutes':
      return isSince(sql`c.last_message_at`);
    case 'conversation.ageMinutes':
      return isSince(sql`c.created_at`);
    case 'conversation.customer':
      return isOne(
        sql`(select o.customer_id from conversation_customer o where o.tenant_id = ${tenantId} and o.conversation_id = c.id)`,
        sql`uuid`,
      );
    case 'customer.tags':
      return hasCustomerTag(tenantId, values, sql`c.id`);
    case 'customer.tier':
      return isInTier(tenantId, values, sql`c.id`);
    case 'conversation.members':
      return sql`exists (select from conversation_member m
        where m.tenant_id = ${tenantId} and m.conversation_id = c.id and m.agent_id = any(${values}::uuid[]))`;
    case 'conversation.tags':
      return sql`exists (select from conversation_tag m join tag t on t.tenant_id = m.tenant_id and t.id = m.tag_id
        where m.tenant_id = ${tenantId} and m.conversation_id = c.id and t.folded_name = any(${values}::text[]))`;
    default:
      return sql`(select ${isValue(leaf)} from attribute_value v
        where v.tenant_id = ${tenantId} and v.conversation_id = c.id and v.key = ${attributeKeyOf(field)})`;
  }
}
