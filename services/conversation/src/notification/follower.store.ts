import type { AgentId, CaseId, ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

/** The members and watchers of conversations, by tenant and conversation. */
export async function followersOf(
  trx: Transaction<DB>,
  asked: readonly { readonly tenantId: TenantId; readonly conversationId: ConversationId }[],
): Promise<Map<string, AgentId[]>> {
  if (asked.length === 0) return new Map();
  const { rows } = await sql<Pick<Row<'conversation_member'>, 'tenant_id' | 'conversation_id' | 'agent_id'>>`
    select tenant_id, conversation_id, agent_id from conversation_member
    where (tenant_id, conversation_id) in (
      select * from unnest(${asked.map((one) => one.tenantId)}::uuid[], ${asked.map((one) => one.conversationId)}::uuid[]))`.execute(
    trx,
  );
  const byConversation = Map.groupBy(rows, (row) => `${row.tenant_id} ${row.conversation_id}`);
  return new Map([...byConversation].map(([key, of]) => [key, of.map((row) => row.agent_id)]));
}

/** Who follows cases, by tenant and case. */
export async function caseFollowersOf(
  trx: Transaction<DB>,
  asked: readonly { readonly tenantId: TenantId; readonly caseId: CaseId }[],
): Promise<Map<string, AgentId[]>> {
  if (asked.length === 0) return new Map();
  const { rows } = await sql<Pick<Row<'case_watcher'>, 'tenant_id' | 'case_id' | 'agent_id'>>`
    select tenant_id, case_id, agent_id from case_watcher
    where (tenant_id, case_id) in (
      select * from unnest(${asked.map((one) => one.tenantId)}::uuid[], ${asked.map((one) => one.caseId)}::uuid[]))`.execute(
    trx,
  );
  const byCase = Map.groupBy(rows, (row) => `${row.tenant_id} ${row.case_id}`);
  return new Map([...byCase].map(([key, of]) => [key, of.map((row) => row.agent_id)]));
}
