import type { AgentId, ChannelAccountId, ConversationId, TeamId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { type CustomerMarks, noWish } from '../customer-mark/customer-mark.domain.ts';
import type { DB, Row } from '../db.ts';
import type { Skill } from '../duty/skill.domain.ts';
import type { Candidate } from './choose-agent.domain.ts';
import { noRouting, type Routing, type Stores, type Teams } from './routing-rules.domain.ts';

export async function readRouting(trx: Transaction<DB>, tenantId: TenantId): Promise<Routing> {
  const row = await trx.selectFrom('routing').selectAll().where('tenant_id', '=', tenantId).executeTakeFirst();
  return row === undefined ? noRouting : toRouting(row);
}

/** Locks the setting of a workspace, also before the first. */
export async function lockRouting(trx: Transaction<DB>, tenantId: TenantId): Promise<Routing> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`conversation routing ${tenantId}`}, 0))`.execute(trx);
  return readRouting(trx, tenantId);
}

/** Writes the setting that is locked in this transaction. */
export async function storeRouting(
  trx: Transaction<DB>,
  tenantId: TenantId,
  routing: Routing,
  changedAt: Date,
): Promise<LockedAggregate> {
  const state = {
    is_on: routing.isOn,
    rules: JSON.stringify(routing.rules),
    bot_wait_s: routing.botWaitS,
    open_within_s: routing.openWithinS,
    sticky_days: routing.stickyDays,
    sticky_capacity_percent: routing.stickyCapacityPercent,
    version: routing.version,
    changed_at: changedAt,
  };
  await trx
    .insertInto('routing')
    .values({ tenant_id: tenantId, ...state })
    .onConflict((clash) => clash.column('tenant_id').doUpdateSet(state))
    .execute();
  return lockedAggregate({ tenantId, id: tenantId, version: routing.version });
}

function toRouting(row: Row<'routing'>): Routing {
  return {
    isOn: row.is_on,
    rules: row.rules.map((rule) => ({ ...noWish, ...rule })),
    botWaitS: row.bot_wait_s,
    openWithinS: row.open_within_s,
    stickyDays: row.sticky_days,
    stickyCapacityPercent: row.sticky_capacity_percent,
    version: row.version,
  };
}

/** The teams of a workspace, and which of them have somebody on duty, for which stores. */
export async function readTeams(trx: Transaction<DB>, tenantId: TenantId): Promise<Teams> {
  const { rows } = await sql<{ id: TeamId; is_on_duty: boolean; store_ids: ChannelAccountId[] | null }>`
    select t.id, o.is_on_duty is not null as is_on_duty, o.store_ids from team t
    left join lateral (
      select distinct d.is_on_duty, r.store_ids from team_member m
      join agent_duty d on d.tenant_id = m.tenant_id and d.agent_id = m.agent_id and d.is_on_duty
      join agent a on a.tenant_id = m.tenant_id and a.id = m.agent_id
      left join access_role r on r.tenant_id = a.tenant_id and r.id = a.access_role_id
      where m.tenant_id = t.tenant_id and m.team_id = t.id
    ) o on true
    where t.tenant_id = ${tenantId} and not t.is_archived order by t.folded_name`.execute(trx);
  const onDuty = new Map<TeamId, Stores>();
  for (const { id, store_ids: stores } of rows.filter((row) => row.is_on_duty)) {
    const known = onDuty.get(id);
    onDuty.set(id, known === null || stores === null ? null : [...(known ?? []), ...stores]);
  }
  return { present: [...new Set(rows.map(({ id }) => id))], onDuty };
}

/** Somebody on duty, and of which teams they are. */
export interface Member extends Candidate {
  readonly teamIds: readonly TeamId[];
}

/** Who of some teams is on duty, with what they can do, have and may see. With a lock, in the order of their ids. */
export async function candidatesOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  teamIds: readonly TeamId[],
  lock: 'locked' | 'unlocked',
): Promise<Member[]> {
  const { rows } = await sql<
    Row<'agent_duty'> & { readonly skills: Skill[]; readonly stores: Stores; readonly team_ids: TeamId[] }
  >`
    select d.*, r.store_ids as stores, array(
      select m.team_id from team_member m
      where m.tenant_id = d.tenant_id and m.agent_id = d.agent_id and m.team_id = any(${teamIds}::uuid[])) as team_ids,
      coalesce((
      select json_agg(json_build_object('kind', s.kind, 'value', s.value, 'level', s.level))
      from agent_skill s where s.tenant_id = d.tenant_id and s.agent_id = d.agent_id), '[]') as skills
    from agent_duty d
    join agent a on a.tenant_id = d.tenant_id and a.id = d.agent_id
    left join access_role r on r.tenant_id = a.tenant_id and r.id = a.access_role_id
    where d.tenant_id = ${tenantId} and d.is_on_duty and d.agent_id in (
      select m.agent_id from team_member m where m.tenant_id = ${tenantId} and m.team_id = any(${teamIds}::uuid[]))
    order by d.agent_id ${lock === 'locked' ? sql`for update of d` : sql``}`.execute(trx);
  return rows.map((row) => ({
    agentId: row.agent_id,
    capacity: row.capacity,
    used: row.used,
    assignedInShift: row.assigned_in_shift,
    lastAssignedAt: row.last_assigned_at,
    skills: row.skills,
    stores: row.stores,
    teamIds: row.team_ids,
  }));
}

export interface RoutingRecord {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly version: number;
  readonly at: Date;
  readonly teamId: TeamId | null;
  readonly agentId: AgentId;
  readonly strategy: 'sticky' | 'specialist' | 'balanced' | 'claimed';
  readonly reason: string;
  readonly trace: Row<'routing_record'>['trace'];
  /** The rule by which the team was chosen, and what it asked of the customer and found. */
  readonly rule: string | null;
  readonly customerMarks: CustomerMarks | null;
}

/** Keeps why somebody got a conversation. */
export async function insertRecords(trx: Transaction<DB>, records: readonly RoutingRecord[]): Promise<void> {
  if (records.length === 0) return;
  const rows = records.map((one) => ({
    tenant_id: one.tenantId,
    conversation_id: one.conversationId,
    version: one.version,
    at: one.at,
    team_id: one.teamId,
    agent_id: one.agentId,
    strategy: one.strategy,
    reason: one.reason,
    trace: one.trace,
    rule: one.rule,
    customer_marks: one.customerMarks,
  }));
  await sql`
    insert into routing_record
    select * from json_populate_recordset(null::routing_record, ${JSON.stringify(rows)}::json)`.execute(trx);
}

/** Why each conversation was given to whom, the latest first. */
export async function recordsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Row<'routing_record'>[]>> {
  const rows = await trx
    .selectFrom('routing_record')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`conversation_id = any(${ids}::uuid[])`)
    .orderBy('version', 'desc')
    .execute();
  return Map.groupBy(rows, (row) => row.conversation_id);
}

/** Empties for what of a customer rules held; how many rows that were. */
export async function forgetCustomerMarks(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<number> {
  const here = sql`customer_marks is not null and tenant_id = ${tenantId} and conversation_id = ${conversationId}`;
  await sql`update queue_entry set customer_marks = null where ${here}`.execute(trx);
  const { numAffectedRows } = await sql`update routing_record set customer_marks = null where ${here}`.execute(trx);
  return Number(numAffectedRows ?? 0);
}

/** As long as the log holds what it explains, and longer. */
const keptDays = 90;

export async function forgetOldRecords(trx: Transaction<DB>): Promise<void> {
  await sql`delete from routing_record where at < now() - ${keptDays} * interval '1 day'`.execute(trx);
}
