import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

type Trx = Transaction<DB>;

export interface ReadMark {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  /** How many of the buyer's messages they have read. */
  readonly seq: number;
}

/** Raises the mark of an agent; a lower one changes nothing. */
export async function raiseReadMark(trx: Trx, { tenantId, conversationId, agentId, seq }: ReadMark): Promise<void> {
  await sql`
    insert into read_mark as r (tenant_id, conversation_id, agent_id, seq)
    values (${tenantId}, ${conversationId}, ${agentId}, ${seq})
    on conflict (tenant_id, conversation_id, agent_id) do update set seq = excluded.seq where r.seq < excluded.seq`.execute(
    trx,
  );
}

/** The commit does not wait for the disk: after a crash a message counts as unread again, no more. */
export async function commitAsynchronously(trx: Trx): Promise<void> {
  await sql`set local synchronous_commit = off`.execute(trx);
}

/** How many of the buyer's messages an agent has read in conversations. */
export async function readMarksOf(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
  agentId: AgentId,
): Promise<Map<ConversationId, number>> {
  const { rows } = await sql<Pick<Row<'read_mark'>, 'conversation_id' | 'seq'>>`
    select conversation_id, seq from read_mark
    where tenant_id = ${tenantId} and conversation_id = any(${ids}::uuid[]) and agent_id = ${agentId}`.execute(trx);
  return new Map(rows.map((row) => [row.conversation_id, row.seq]));
}

/** Whoever has read in both has read the sum. */
export async function moveReadMarks(
  trx: Trx,
  tenantId: TenantId,
  from: ConversationId,
  into: { readonly id: ConversationId; readonly inboundSeq: number },
): Promise<void> {
  await sql`
    with moved as (
      delete from read_mark where tenant_id = ${tenantId} and conversation_id = ${from} returning agent_id, seq)
    insert into read_mark as r (tenant_id, conversation_id, agent_id, seq)
    select ${tenantId}, ${into.id}, agent_id, least(seq, ${into.inboundSeq}::int) from moved
    on conflict (tenant_id, conversation_id, agent_id)
    do update set seq = least(r.seq + excluded.seq, ${into.inboundSeq}::int)`.execute(trx);
}
