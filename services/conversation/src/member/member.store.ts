import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Member } from './member.domain.ts';

type Trx = Transaction<DB>;

/** The members and watchers of conversations, in the order in which they came. */
export async function membersOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Member[]>> {
  const { rows } = await sql<Row<'conversation_member'>>`
    select * from conversation_member
    where tenant_id = ${tenantId} and conversation_id = any(${ids}::uuid[])
    order by added_at, agent_id`.execute(trx);
  return Map.groupBy(rows.map(toMember), ({ conversationId }) => conversationId);
}

/** Adds members, or gives them another role; the conversation must be locked in this transaction. */
export async function saveMembers(trx: Trx, members: readonly Member[]): Promise<void> {
  if (members.length === 0) return;
  await trx
    .insertInto('conversation_member')
    .values(members.map(toRow))
    .onConflict((clash) =>
      clash
        .columns(['tenant_id', 'conversation_id', 'agent_id'])
        .doUpdateSet((eb) => ({ role: eb.ref('excluded.role') })),
    )
    .execute();
}

export async function deleteMember(
  trx: Trx,
  { tenantId, conversationId, agentId }: Pick<Member, 'tenantId' | 'conversationId' | 'agentId'>,
): Promise<void> {
  await trx
    .deleteFrom('conversation_member')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('agent_id', '=', agentId)
    .execute();
}

/** Whoever is a member of either is a member of the conversation that both were joined into. */
export async function moveMembers(
  trx: Trx,
  tenantId: TenantId,
  from: ConversationId,
  into: ConversationId,
): Promise<void> {
  await sql`
    with moved as (
      delete from conversation_member where tenant_id = ${tenantId} and conversation_id = ${from}
      returning agent_id, role, added_by, added_at)
    insert into conversation_member as m (tenant_id, conversation_id, agent_id, role, added_by, added_at)
    select ${tenantId}, ${into}, agent_id, role, added_by, added_at from moved
    on conflict (tenant_id, conversation_id, agent_id) do update set role = excluded.role where excluded.role = 'member'`.execute(
    trx,
  );
}

function toMember(row: Row<'conversation_member'>): Member {
  return {
    tenantId: row.tenant_id,
    conversationId: row.conversation_id,
    agentId: row.agent_id,
    role: row.role,
    addedBy: row.added_by,
    addedAt: row.added_at,
  };
}

function toRow(member: Member): Row<'conversation_member'> {
  return {
    tenant_id: member.tenantId,
    conversation_id: member.conversationId,
    agent_id: member.agentId,
    role: member.role,
    added_by: member.addedBy,
    added_at: member.addedAt,
  };
}
