import type { Leaf } from '@crossdesk/condition';
import { parseChannel } from '@crossdesk/channels';
import { type AgentId, type ChannelAccountId, parseId, type TenantId } from '@crossdesk/contracts';
import { countMax, type Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import {
  type ConversationFilter,
  type ConversationPage,
  conversationListQuery,
  matchingConversations,
} from '../conversation/conversation-list.store.ts';
import {
  type Conversation,
  conversationPhases,
  conversationPriorities,
  conversationStates,
  enquiryTypes,
} from '../conversation/conversation.domain.ts';
import { toConversation } from '../conversation/conversation.store.ts';
import type { DB, Row } from '../db.ts';
import type { ViewCondition, ViewField } from './view-field.domain.ts';
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
  const rows: Conversation[] = [];
  let after = page.after;
  let scanned = 0;
  for (let size = Math.min(firstWindowRows, scannedMax); ; size = Math.min(size * windowGrowth, scannedMax - scanned)) {
    const window = await readWindow(trx, seen, { ...page, after, size, wanted: page.first + 1 - rows.length });
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
}

type WindowRow = Row<'conversation'> & { readonly scanned: number; readonly end_at: Date; readonly end_id: string };

/** `end`: the last row that was looked at; null if there is none behind it. */
async function readWindow(trx: Transaction<DB>, seen: Seen, { size, wanted, ...page }: Window) {
  const scan = conversationListQuery(seen.tenantId, { ...page, filter: rangeOf(seen.condition), first: size - 1 });
  const isWaiting = page.order === 'WAITING_LONGEST';
  const place = isWaiting ? sql`waiting_since` : sql`last_message_at`;
  const [forth, back] = isWaiting ? [sql`asc`, sql`desc`] : [sql`desc`, sql`asc`];
  const { rows } = await sql<WindowRow | { [Name in keyof WindowRow]: WindowRow[Name] | null }>`
    with scan as materialized (${scan}),
    last as (
      select ${place} as end_at, id as end_id, (select count(*)::int from scan) as scanned
      from scan order by ${place} ${back}, id ${back} limit 1)
    select last.*, found.* from last left join lateral (
      select * from scan c where ${sqlOf(seen)} order by ${place} ${forth}, id ${forth} limit ${wanted}) found on true
    order by found.${place} ${forth}, found.id ${forth}`.execute(trx);
  const [first] = rows;
  const isFull = first !== undefined && first.scanned === size && first.end_at !== null && first.end_id !== null;
  return {
    rows: rows.filter((row): row is WindowRow => row.id !== null).map(toConversation),
    end: isFull ? { at: first.end_at, id: first.end_id } : null,
  };
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
  const scan = matchingConversations(seen.tenantId, rangeOf(seen.condition), scannedMaxUsual);
  const { rows } = await sql<{ found: number; scanned: number }>`
    with scan as materialized (${scan})
    select (select count(*)::int from scan) as scanned,
      (select count(*)::int from (
        select from scan c where ${isWaiting} and ${sqlOf(seen)} limit ${countMax + 1}) counted) as found`.execute(trx);
  const { found, scanned } = rows[0] ?? { found: 0, scanned: 0 };
  return { value: Math.min(found, countMax), isExact: found <= countMax && scanned < scannedMaxUsual };
}

/** What every conversation of the view has, as the filter of the list knows it: it chooses the range of an index. */
function rangeOf(condition: ViewCondition): ConversationFilter {
  const words = <Word extends string>(field: ViewField, known: readonly Word[]) => {
    const values = requiredValues(condition, field);
    return values === null ? null : known.filter((word) => values.includes(word));
  };
  const ids = (field: ViewField) => requiredValues(condition, field)?.flatMap((value) => parseId(value) ?? []) ?? null;
  const assignees = ids('conversation.assignee');
  const [assigneeId = null] = assignees?.length === 1 ? assignees : [];
  return {
    states: words('conversation.state', conversationStates),
    phases: words('conversation.phase', conversationPhases),
    priorities: words('conversation.priority', conversationPriorities),
    enquiryTypes: words('conversation.enquiry', enquiryTypes),
    accountIds: ids('conversation.account') as ChannelAccountId[] | null,
    channels: requiredValues(condition, 'conversation.channel')?.flatMap((word) => parseChannel(word) ?? []) ?? null,
    assigneeId: assigneeId as AgentId | null,
    ...{ customerId: null, isUnassigned: null, isUnread: null, hasTag: null, watched: null },
    ...{ lastMessageFrom: null, lastMessageBefore: null },
  };
}

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

function leafSql({ field, op, values }: Leaf<ViewField>, { tenantId, now }: Pick<Seen, 'tenantId' | 'now'>): Fragment {
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
    case 'conversation.members':
      return sql`exists (select from conversation_member m
        where m.tenant_id = ${tenantId} and m.conversation_id = c.id and m.agent_id = any(${values}::uuid[]))`;
    case 'conversation.tags':
      return sql`exists (select from conversation_tag m join tag t on t.tenant_id = m.tenant_id and t.id = m.tag_id
        where m.tenant_id = ${tenantId} and m.conversation_id = c.id and t.folded_name = any(${values}::text[]))`;
  }
}
