import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { countMax } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

type Counted = 'message' | 'note' | 'activity';

/** Counts what each conversation has, up to `countMax + 1`. */
const countsOf =
  (table: Counted) =>
  async (
    trx: Transaction<DB>,
    tenantId: TenantId,
    conversationIds: readonly ConversationId[],
  ): Promise<Map<ConversationId, number>> => {
    const { rows } = await sql<{ conversation_id: ConversationId; count: number }>`
      select asked.conversation_id, n.count
      from unnest(${conversationIds}::uuid[]) as asked (conversation_id)
      cross join lateral (
        select count(*)::int as count from (
          select 1 from ${sql.table(table)}
          where tenant_id = ${tenantId} and conversation_id = asked.conversation_id limit ${countMax + 1}) as counted
      ) as n`.execute(trx);
    return new Map(rows.map((row) => [row.conversation_id, row.count]));
  };

export const messageCounts = countsOf('message');
export const noteCounts = countsOf('note');
export const activityCounts = countsOf('activity');
