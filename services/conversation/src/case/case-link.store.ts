import type { AgentId, CaseId, ConversationId, OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { CaseLink } from './case.domain.ts';

type Trx = Transaction<DB>;

export interface CaseKey {
  readonly tenantId: TenantId;
  readonly id: CaseId;
}

/** How many conversations and orders a case is about, seen or not. */
export async function countLinks(trx: Trx, { tenantId, id }: CaseKey): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select ((select count(*) from case_conversation where tenant_id = ${tenantId} and case_id = ${id})
      + (select count(*) from case_order where tenant_id = ${tenantId} and case_id = ${id}))::int as count`.execute(
    trx,
  );
  return rows[0]?.count ?? 0;
}

export async function countConversations(trx: Trx, { tenantId, id }: CaseKey): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from case_conversation where tenant_id = ${tenantId} and case_id = ${id}`.execute(
    trx,
  );
  return rows[0]?.count ?? 0;
}

export async function isLinked(trx: Trx, { tenantId, id }: CaseKey, link: CaseLink): Promise<boolean> {
  const found =
    'orderId' in link
      ? sql`select from case_order where tenant_id = ${tenantId} and case_id = ${id} and order_id = ${link.orderId}`
      : sql`select from case_conversation
          where tenant_id = ${tenantId} and case_id = ${id} and conversation_id = ${link.conversationId}`;
  const { rows } = await sql<{ found: boolean }>`select exists (${found}) as found`.execute(trx);
  return rows[0]?.found === true;
}

/** Adds a link of a case that is locked in this transaction. */
export async function insertLink(trx: Trx, { tenantId, id }: CaseKey, link: CaseLink, now: Date): Promise<void> {
  const common = { tenant_id: tenantId, case_id: id, linked_at: now };
  if ('orderId' in link)
    await trx
      .insertInto('case_order')
      .values({ ...common, order_id: link.orderId })
      .execute();
  else
    await trx
      .insertInto('case_conversation')
      .values({ ...common, conversation_id: link.conversationId })
      .execute();
}

/** Ends a link of a case that is locked in this transaction. */
export async function deleteLink(trx: Trx, { tenantId, id }: CaseKey, link: CaseLink): Promise<void> {
  if ('orderId' in link)
    await trx
      .deleteFrom('case_order')
      .where('tenant_id', '=', tenantId)
      .where('case_id', '=', id)
      .where('order_id', '=', link.orderId)
      .execute();
  else
    await trx
      .deleteFrom('case_conversation')
      .where('tenant_id', '=', tenantId)
      .where('case_id', '=', id)
      .where('conversation_id', '=', link.conversationId)
      .execute();
}

/** The conversations that each case is about, those that were linked first before the others. */
export async function conversationsOfCases(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CaseId[],
): Promise<Map<CaseId, ConversationId[]>> {
  const rows = await trx
    .selectFrom('case_conversation')
    .select(['case_id', 'conversation_id'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`case_id = any(${ids}::uuid[])`)
    .orderBy('linked_at')
    .orderBy('conversation_id')
    .execute();
  const grouped = Map.groupBy(rows, (row) => row.case_id);
  return new Map([...grouped].map(([id, own]) => [id, own.map((row) => row.conversation_id)]));
}

/** The orders that each case is about and that the caller may see, those that were linked first before the others. */
export async function ordersOfCases(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CaseId[],
): Promise<Map<CaseId, OrderId[]>> {
  const { rows } = await sql<{ case_id: CaseId; order_id: OrderId }>`
    select l.case_id, l.order_id from case_order l
    join order_facts o on o.tenant_id = l.tenant_id and o.order_id = l.order_id
    where l.tenant_id = ${tenantId} and l.case_id = any(${ids}::uuid[])
    order by l.linked_at, l.order_id`.execute(trx);
  const grouped = Map.groupBy(rows, (row) => row.case_id);
  return new Map([...grouped].map(([id, own]) => [id, own.map((row) => row.order_id)]));
}

/** Whether an order is known here and the caller may see its store. */
export async function isOrderKnown(trx: Trx, tenantId: TenantId, orderId: OrderId): Promise<boolean> {
  const row = await trx
    .selectFrom('order_facts')
    .select('order_id')
    .where('tenant_id', '=', tenantId)
    .where('order_id', '=', orderId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Who follows each case, in the order in which they began. */
export async function watchersOfCases(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CaseId[],
): Promise<Map<CaseId, AgentId[]>> {
  const rows = await trx
    .selectFrom('case_watcher')
    .select(['case_id', 'agent_id'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`case_id = any(${ids}::uuid[])`)
    .orderBy('since')
    .orderBy('agent_id')
    .execute();
  const grouped = Map.groupBy(rows, (row) => row.case_id);
  return new Map([...grouped].map(([id, own]) => [id, own.map((row) => row.agent_id)]));
}

/** Lets somebody follow a case that is locked in this transaction, or follow it no longer. */
export async function saveWatcher(
  trx: Trx,
  { tenantId, id }: CaseKey,
  agentId: AgentId,
  since: Date | null,
): Promise<void> {
  if (since !== null)
    await trx
      .insertInto('case_watcher')
      .values({ tenant_id: tenantId, case_id: id, agent_id: agentId, since })
      .execute();
  else
    await trx
      .deleteFrom('case_watcher')
      .where('tenant_id', '=', tenantId)
      .where('case_id', '=', id)
      .where('agent_id', '=', agentId)
      .execute();
}

/** The cases of a conversation are about the one that it was joined into. */
export async function moveCaseLinks(
  trx: Trx,
  tenantId: TenantId,
  from: ConversationId,
  into: ConversationId,
): Promise<void> {
  await sql`
    with moved as (
      delete from case_conversation where tenant_id = ${tenantId} and conversation_id = ${from} returning case_id, linked_at)
    insert into case_conversation (tenant_id, case_id, conversation_id, linked_at)
    select ${tenantId}, case_id, ${into}, linked_at from moved
    on conflict do nothing`.execute(trx);
}
