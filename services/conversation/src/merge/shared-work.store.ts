import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Mark, Work } from './regrouping.domain.ts';

type Trx = Transaction<DB>;

interface Way {
  readonly tenantId: TenantId;
  readonly from: ConversationId;
  readonly into: ConversationId;
}

interface Key {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
}

/** The tags, people and marks of a conversation. */
export async function workOf(trx: Trx, { tenantId, id }: Key): Promise<Omit<Work, 'hadName'>> {
  const tags = await sql<Pick<Row<'conversation_tag'>, 'tag_id'>>`
    select tag_id from conversation_tag where tenant_id = ${tenantId} and conversation_id = ${id}`.execute(trx);
  const members = await sql<Pick<Row<'conversation_member'>, 'agent_id' | 'role'>>`
    select agent_id, role from conversation_member
    where tenant_id = ${tenantId} and conversation_id = ${id}`.execute(trx);
  return {
    tagIds: tags.rows.map((row) => row.tag_id),
    members: members.rows.map(({ agent_id: agentId, role }) => ({ agentId, role })),
    marks: await marksOf(trx, { tenantId, id }),
  };
}

export async function marksOf(trx: Trx, { tenantId, id }: Key): Promise<Mark[]> {
  const { rows } = await sql<Pick<Row<'read_mark'>, 'agent_id' | 'seq'>>`
    select agent_id, seq from read_mark where tenant_id = ${tenantId} and conversation_id = ${id}`.execute(trx);
  return rows.map(({ agent_id: agentId, seq }) => ({ agentId, seq }));
}

/** What one has, the other one has as well: tags, and members before watchers. The first one keeps what it has. */
export async function copyWork(trx: Trx, { tenantId, from, into }: Way): Promise<void> {
  await sql`
    insert into conversation_tag (tenant_id, conversation_id, tag_id)
    select tenant_id, ${into}, tag_id from conversation_tag where tenant_id = ${tenantId} and conversation_id = ${from}
    on conflict (tenant_id, conversation_id, tag_id) do nothing`.execute(trx);
  await sql`
    insert into conversation_member as m (tenant_id, conversation_id, agent_id, role, added_by, added_at)
    select tenant_id, ${into}, agent_id, role, added_by, added_at from conversation_member
    where tenant_id = ${tenantId} and conversation_id = ${from}
    on conflict (tenant_id, conversation_id, agent_id) do update set role = excluded.role
    where excluded.role = 'member' and m.role = 'watcher'`.execute(trx);
}

/** The customer and the order of one conversation are those of a part of it as well. */
export async function copySubject(trx: Trx, { tenantId, from, into }: Way): Promise<void> {
  await sql`
    insert into conversation_customer (tenant_id, conversation_id, customer_id)
    select tenant_id, ${into}, customer_id from conversation_customer
    where tenant_id = ${tenantId} and conversation_id = ${from}`.execute(trx);
  await sql`
    insert into conversation_order (tenant_id, conversation_id, customer_id, order_id, confidence, version)
    select tenant_id, ${into}, customer_id, order_id, confidence, version from conversation_order
    where tenant_id = ${tenantId} and conversation_id = ${from}`.execute(trx);
}

/** Takes away what a conversation got from others; what people have given it since stays. */
export async function takeBackWork(trx: Trx, { tenantId, id }: Key, before: Work, got: readonly Work[]): Promise<void> {
  const tagIds = got.flatMap((work) => work.tagIds).filter((tagId) => !before.tagIds.includes(tagId));
  await sql`
    delete from conversation_tag
    where tenant_id = ${tenantId} and conversation_id = ${id} and tag_id = any(${tagIds}::uuid[])`.execute(trx);
  const had = new Map(before.members.map(({ agentId, role }) => [agentId, role]));
  const lent = new Set(got.flatMap(({ members }) => members.map(({ agentId }) => agentId)));
  const gone = [...lent].filter((agentId) => !had.has(agentId));
  await sql`
    delete from conversation_member
    where tenant_id = ${tenantId} and conversation_id = ${id} and agent_id = any(${gone}::uuid[])`.execute(trx);
  const raised = got.flatMap(({ members }) => members.filter(({ role }) => role === 'member'));
  const watchers = raised.map(({ agentId }) => agentId).filter((agentId) => had.get(agentId) === 'watcher');
  await sql`
    update conversation_member set role = 'watcher'
    where tenant_id = ${tenantId} and conversation_id = ${id} and agent_id = any(${watchers}::uuid[])`.execute(trx);
}

/** Writes how many of the buyer's messages people have read; a mark of nothing is none. */
export async function replaceMarks(
  trx: Trx,
  { tenantId, id }: Key,
  marks: ReadonlyMap<AgentId, number>,
): Promise<void> {
  await sql`delete from read_mark where tenant_id = ${tenantId} and conversation_id = ${id}`.execute(trx);
  const read = [...marks].filter(([, seq]) => seq > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  await sql`
    insert into read_mark (tenant_id, conversation_id, agent_id, seq)
    select ${tenantId}, ${id}, agent_id, seq
    from unnest(${read.map(([agentId]) => agentId)}::uuid[], ${read.map(([, seq]) => seq)}::int[]) as n (agent_id, seq)`.execute(
    trx,
  );
}
