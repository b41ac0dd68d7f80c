import type { AgentId, TeamId, TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** What is to be done in open conversations. */
export interface InboxLoad {
  readonly openCount: number;
  readonly awaitingReplyCount: number;
  readonly overdueCount: number;
  readonly unreadMessageCount: number;
  readonly unprocessedMessageCount: number;
}

export const noLoad: InboxLoad = {
  ...{ openCount: 0, awaitingReplyCount: 0, overdueCount: 0, unreadMessageCount: 0, unprocessedMessageCount: 0 },
};

/** Of people, whose conversations these are. Who has none is left out. */
export function loadsOfAgents(trx: Transaction<DB>, tenantId: TenantId, ids: readonly AgentId[]) {
  return readLoads(trx, tenantId, { column: sql.ref('assignee_id'), ids });
}

/** Of teams, whoever of them has the conversation. */
export function loadsOfTeams(trx: Transaction<DB>, tenantId: TenantId, ids: readonly TeamId[]) {
  return readLoads(trx, tenantId, { column: sql.ref('team_id'), ids });
}

async function readLoads<Id extends AgentId | TeamId>(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { column, ids }: { readonly column: RawBuilder<unknown>; readonly ids: readonly Id[] },
): Promise<Map<Id, InboxLoad>> {
  const has = (mark: string) => sql`filter (where ${mark} = any(string_to_array(marks, ',')))`;
  const { rows } = await sql<InboxLoad & { readonly id: Id }>`
    select ${column} as id, sum(conversation_count)::int as "openCount",
      coalesce(sum(conversation_count) ${has('awaiting-reply')}, 0)::int as "awaitingReplyCount",
      coalesce(sum(conversation_count) ${has('overdue')}, 0)::int as "overdueCount",
      sum(unread_message_count)::int as "unreadMessageCount",
      sum(unprocessed_message_count)::int as "unprocessedMessageCount"
    from inbox_counter where tenant_id = ${tenantId} and phase = 'open' and ${column} = any(${ids}::uuid[])
    group by 1`.execute(trx);
  return new Map(rows.map(({ id, ...load }) => [id, load]));
}
