import type { ConversationId, DecisionId, OrderId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { lackingOrder } from './turn.domain.ts';

interface Key {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
}

/** An order that becomes known later answers nobody: the question is old, or a person has it. */
const recalledForMinutes = 10;

function isFresh(now: Date) {
  return sql`t.first_at > ${now}::timestamptz - ${recalledForMinutes} * interval '1 minute'`;
}

/** Has turns that lacked their order looked at again. True if there is one. */
export async function recallTurns(trx: Transaction<DB>, keys: readonly Key[], now: Date): Promise<boolean> {
  if (keys.length === 0) return false;
  const { numAffectedRows } = await sql`
    update turn t set due_at = ${now}
    from unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.conversationId)}::uuid[])
      as k (tenant_id, conversation_id)
    where t.tenant_id = k.tenant_id and t.conversation_id = k.conversation_id and t.due_at is null
      and t.code = any(${lackingOrder}::text[]) and ${isFresh(now)}`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}

/** The same for turns about orders that become known. True if there is one. */
export async function recallTurnsAbout(
  trx: Transaction<DB>,
  orders: readonly { readonly tenant_id: TenantId; readonly order_id: OrderId }[],
  now: Date,
): Promise<boolean> {
  if (orders.length === 0) return false;
  const { numAffectedRows } = await sql`
    update turn t set due_at = ${now}
    from unnest(${orders.map((order) => order.tenant_id)}::uuid[], ${orders.map((order) => order.order_id)}::uuid[])
      as o (tenant_id, order_id)
    join conversation_order c on c.tenant_id = o.tenant_id and c.order_id = o.order_id
    where t.tenant_id = c.tenant_id and t.conversation_id = c.conversation_id and t.due_at is null
      and t.code = any(${lackingOrder}::text[]) and ${isFresh(now)}`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}

interface SettledDecision {
  readonly tenantId: TenantId;
  readonly decisionId: DecisionId;
  readonly outcome: string;
  readonly code: string | null;
}

/** A person speaks, the buyer has written again, or nobody is left to be answered: the refusal needs nothing more. */
const expected = ['TURN_TAKEN', 'NEWER_MESSAGE', 'ERASED'];

/** Has turns whose answer was refused looked at again. True if there is one. */
export async function recallRefused(
  trx: Transaction<DB>,
  settled: readonly SettledDecision[],
  now: Date,
): Promise<boolean> {
  const refused = settled.filter(({ outcome, code }) => outcome === 'refused' && !expected.includes(code ?? ''));
  if (refused.length === 0) return false;
  const { numAffectedRows } = await sql`
    update turn t set due_at = ${now}, refused_code = r.code
    from unnest(${refused.map((one) => one.tenantId)}::uuid[], ${refused.map((one) => one.decisionId)}::uuid[],
      ${refused.map((one) => one.code)}::text[]) as r (tenant_id, id, code)
    join decision d on d.tenant_id = r.tenant_id and d.id = r.id and d.purpose = 'answer'
    where t.tenant_id = d.tenant_id and t.conversation_id = d.conversation_id and t.due_at is null
      and d.based_on_version >= t.position`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}
