import type { AgentId, ChannelAccountId, TeamId, TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { ConversationPhase, ConversationState, EnquiryType, InboxMark } from './inbox.domain.ts';
import { zeroId } from './inbox.store.ts';

export type InboxDimension = 'PLATFORM' | 'STORE' | 'STATE' | 'PHASE' | 'AGENT' | 'TEAM' | 'TYPE' | 'MARK';

/** Null restricts nothing. */
export interface OverviewFilter {
  readonly accountIds: readonly ChannelAccountId[] | null;
  readonly teamIds: readonly TeamId[] | null;
  readonly agentIds: readonly AgentId[] | null;
  readonly states: readonly ConversationState[] | null;
  readonly phases: readonly ConversationPhase[] | null;
}

export interface OverviewCounts {
  readonly conversations: number;
  readonly unread: number;
  readonly unprocessed: number;
  readonly replied: number;
  readonly abnormal: number;
}

/** The conversations with one value of each wanted dimension; the others are null. */
export interface OverviewRow extends OverviewCounts {
  readonly channel: string | null;
  readonly account_id: ChannelAccountId | null;
  readonly state: ConversationState | null;
  readonly phase: ConversationPhase | null;
  readonly assignee_id: AgentId | null;
  readonly team_id: TeamId | null;
  readonly enquiry_type: EnquiryType | null;
  readonly mark: InboxMark | null;
}

export interface Overview {
  readonly rows: readonly OverviewRow[];
  readonly total: OverviewCounts;
  readonly countedUntil: Date | null;
}

const columns: readonly (readonly [InboxDimension, RawBuilder<unknown>])[] = [
  ['PLATFORM', sql.ref('channel')],
  ['STORE', sql.ref('account_id')],
  ['STATE', sql.ref('state')],
  ['PHASE', sql.ref('phase')],
  ['AGENT', sql`nullif(assignee_id, ${zeroId})`],
  ['TEAM', sql`nullif(team_id, ${zeroId})`],
  ['TYPE', sql`nullif(enquiry_type, '')`],
  ['MARK', sql.ref('mark')],
];

const counts = sql`
  coalesce(sum(conversation_count), 0)::int as conversations, coalesce(sum(unread_message_count), 0)::int as unread,
  coalesce(sum(unprocessed_message_count), 0)::int as unprocessed, coalesce(sum(replied_message_count), 0)::int as replied,
  coalesce(sum(abnormal_message_count), 0)::int as abnormal`;

/** Sums the counters that the caller sees. Rows, total and time are of one moment: it is one statement. */
export async function readOverview(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { groupBy, filter }: { readonly groupBy: readonly InboxDimension[]; readonly filter: OverviewFilter },
): Promise<Overview> {
  const wanted = columns.map(([name, column]) => (groupBy.includes(name) ? column : sql`null`));
  const { rows } = await sql<{
    readonly rows: readonly OverviewRow[];
    readonly total: OverviewCounts;
    readonly counted_until: Date | null;
  }>`
    with cells as (
      select * from inbox_counter where tenant_id = ${tenantId} and ${conditionOf(filter)}
    ), grouped as (
      select ${sql.join(wanted)}, ${counts}
      from cells ${groupBy.includes('MARK') ? sql`left join lateral string_to_table(nullif(marks, ''), ',') as m (mark) on true` : sql``}
      group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(conversation_count) > 0 order by 1, 2, 3, 4, 5, 6, 7, 8
    )
    select
      coalesce((select json_agg(g) from grouped
        as g (channel, account_id, state, phase, assignee_id, team_id, enquiry_type, mark)), '[]') as rows,
      (select to_json(t) from (select ${counts} from cells) t) as total,
      (select counted_until from inbox_progress where tenant_id = ${tenantId}) as counted_until`.execute(trx);
  const [found] = rows;
  if (found === undefined) throw new Error('a query without conditions gave no row');
  return { rows: found.rows, total: found.total, countedUntil: found.counted_until };
}

function conditionOf({ accountIds, teamIds, agentIds, states, phases }: OverviewFilter): RawBuilder<unknown> {
  const conditions = [
    sql`true`,
    ...(accountIds === null ? [] : [sql`account_id = any(${accountIds}::uuid[])`]),
    ...(teamIds === null ? [] : [sql`team_id = any(${teamIds}::uuid[])`]),
    ...(agentIds === null ? [] : [sql`assignee_id = any(${agentIds}::uuid[])`]),
    ...(states === null ? [] : [sql`state = any(${states}::text[])`]),
    ...(phases === null ? [] : [sql`phase = any(${phases}::text[])`]),
  ];
  return sql.join(conditions, sql` and `);
}
