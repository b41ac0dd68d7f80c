import type { AgentId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Duty } from './duty.domain.ts';

/** Locks the duty of a person. Null for who is no person of the workspace. */
export async function lockDuty(trx: Transaction<DB>, tenantId: TenantId, agentId: AgentId): Promise<Duty | null> {
  const row = await trx
    .selectFrom('agent_duty')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('agent_id', '=', agentId)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toDuty(row);
}

/** Writes the duty of a person, which must be locked in this transaction. */
export async function saveDuty(trx: Transaction<DB>, duty: Duty): Promise<LockedAggregate> {
  await trx
    .updateTable('agent_duty')
    .set({
      is_on_duty: duty.isOnDuty,
      since: duty.since,
      capacity: duty.capacity,
      assigned_in_shift: duty.assignedInShift,
      unopened: duty.unopened,
      is_handing_over: duty.isHandingOver,
      version: duty.version,
    })
    .where('tenant_id', '=', duty.tenantId)
    .where('agent_id', '=', duty.agentId)
    .execute();
  return lockedAggregate({ tenantId: duty.tenantId, id: duty.agentId, version: duty.version });
}

export async function dutiesOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly AgentId[],
): Promise<Map<AgentId, Duty>> {
  const rows = await trx
    .selectFrom('agent_duty')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`agent_id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.agent_id, toDuty(row)]));
}

/** What people have, and got since they came, as far as the caller sees it. */
export async function seenLoads(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly AgentId[],
): Promise<Map<AgentId, Pick<Duty, 'used' | 'assignedInShift'>>> {
  const { rows } = await sql<{ readonly agent_id: AgentId; readonly used: number; readonly assigned: number }>`
    select d.agent_id, (
      select count(*)::int from conversation c
      where c.tenant_id = d.tenant_id and c.assignee_id = d.agent_id and c.phase = 'open' and c.state <> 'handled') as used, (
      select count(*)::int from routing_record r
      where r.tenant_id = d.tenant_id and r.agent_id = d.agent_id and r.at >= d.since and r.strategy <> 'claimed') as assigned
    from agent_duty d where d.tenant_id = ${tenantId} and d.agent_id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.agent_id, { used: row.used, assignedInShift: row.assigned }]));
}

/**
 * Counts again what each person has: commands keep the numbers, and this mends what a fault may have left. People whose
 * work is changed right now are left out.
 */
export async function recountLoads(trx: Transaction<DB>): Promise<void> {
  await sql`
    with free as materialized (
      select tenant_id, agent_id from agent_duty order by tenant_id, agent_id for update skip locked
    )
    update agent_duty d set used = n.used
    from (
      select f.tenant_id, f.agent_id, count(c.id)::int as used from free f
      left join conversation c on c.tenant_id = f.tenant_id and c.assignee_id = f.agent_id
        and c.phase = 'open' and c.state <> 'handled'
      group by 1, 2
    ) n
    where d.tenant_id = n.tenant_id and d.agent_id = n.agent_id and d.used <> n.used`.execute(trx);
}

function toDuty(row: Row<'agent_duty'>): Duty {
  return {
    tenantId: row.tenant_id,
    agentId: row.agent_id,
    isOnDuty: row.is_on_duty,
    since: row.since,
    capacity: row.capacity,
    used: row.used,
    assignedInShift: row.assigned_in_shift,
    unopened: row.unopened,
    isHandingOver: row.is_handing_over,
    version: row.version,
  };
}
