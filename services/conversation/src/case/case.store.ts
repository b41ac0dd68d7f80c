import type { AgentId, CaseId, ConversationId, OrderId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { type Case, nextTellingAt } from './case.domain.ts';

type Trx = Transaction<DB>;

/** The next number of the workspace. The counter stays locked until the commit, so a rollback leaves no gap. */
export async function nextCaseNumber(trx: Trx, tenantId: TenantId): Promise<number> {
  const { rows } = await sql<{ last_number: number }>`
    insert into case_counter as c (tenant_id, last_number) values (${tenantId}, 1)
    on conflict (tenant_id) do update set last_number = c.last_number + 1
    returning last_number`.execute(trx);
  return rows[0]?.last_number ?? 1;
}

/** Locks a case; null if the caller sees none with this id. */
export async function lockCase(trx: Trx, tenantId: TenantId, id: CaseId): Promise<Case | null> {
  const row = await trx
    .selectFrom('after_sales_case')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toCase(row);
}

/** Locks some cases of an owner that are not closed, in the order of their ids. */
export async function lockCasesOf(
  trx: Trx,
  { tenantId, agentId }: { readonly tenantId: TenantId; readonly agentId: AgentId },
  after: CaseId | null,
  limit: number,
): Promise<Case[]> {
  const behind = after === null ? sql`` : sql`and id > ${after}::uuid`;
  const { rows } = await sql<Row<'after_sales_case'>>`
    select * from after_sales_case
    where tenant_id = ${tenantId} and owner_id = ${agentId} and state <> 'closed' ${behind}
    order by id limit ${limit} for update`.execute(trx);
  return rows.map(toCase);
}

/** Locks the cases that are due to be told; those that somebody works on wait for the next look. */
export async function lockDueCases(trx: Trx, limit: number, now: Date): Promise<Case[]> {
  const { rows } = await sql<Row<'after_sales_case'>>`
    select * from after_sales_case where next_at <= ${now} order by next_at limit ${limit} for update skip locked`.execute(
    trx,
  );
  return rows.map(toCase);
}

/** The milliseconds until there is something to tell of a case; null if there never is. */
export async function nextTellingInMs(trx: Trx, now: Date): Promise<number | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(next_at) as at from after_sales_case where next_at is not null`.execute(trx);
  const at = rows[0]?.at ?? null;
  return at === null ? null : at.getTime() - now.getTime();
}

/** The lock for appending events of a case, which must be new or locked in this transaction. */
export function caseAggregate(one: Case): LockedAggregate {
  return lockedAggregate(one);
}

export async function insertCase(trx: Trx, one: Case): Promise<void> {
  await trx.insertInto('after_sales_case').values(toRow(one)).execute();
}

/** Writes the changes of a case, which must be locked in this transaction. */
export async function saveCase(trx: Trx, one: Case): Promise<void> {
  const {
    tenant_id,
    id,
    number: _,
    account_id: __,
    type: ___,
    opened_by: ____,
    opened_at: _____,
    ...changes
  } = toRow(one);
  await trx
    .updateTable('after_sales_case')
    .set(changes)
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .execute();
}

export async function casesByIds(trx: Trx, tenantId: TenantId, ids: readonly CaseId[]): Promise<Map<CaseId, Case>> {
  const rows = await trx
    .selectFrom('after_sales_case')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, toCase(row)]));
}

/** The cases about each conversation, the newest first. */
export async function casesOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
  first: number,
): Promise<Map<ConversationId, Case[]>> {
  const { rows } = await sql<Row<'after_sales_case'> & { of: ConversationId }>`
    select c.*, k.id as of from unnest(${ids}::uuid[]) as k (id)
    cross join lateral (
      select a.* from case_conversation l
      join after_sales_case a on a.tenant_id = l.tenant_id and a.id = l.case_id
      where l.tenant_id = ${tenantId} and l.conversation_id = k.id order by a.id desc limit ${first}) c
    order by c.id desc`.execute(trx);
  const grouped = Map.groupBy(rows, ({ of }) => of);
  return new Map([...grouped].map(([id, own]) => [id, own.map(toCase)]));
}

/** The cases about each order, the newest first. */
export async function casesOfOrders(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly OrderId[],
  first: number,
): Promise<Map<OrderId, Case[]>> {
  const { rows } = await sql<Row<'after_sales_case'> & { of: OrderId }>`
    select c.*, k.id as of from unnest(${ids}::uuid[]) as k (id)
    cross join lateral (
      select a.* from case_order l
      join after_sales_case a on a.tenant_id = l.tenant_id and a.id = l.case_id
      where l.tenant_id = ${tenantId} and l.order_id = k.id order by a.id desc limit ${first}) c
    order by c.id desc`.execute(trx);
  const grouped = Map.groupBy(rows, ({ of }) => of);
  return new Map([...grouped].map(([id, own]) => [id, own.map(toCase)]));
}

export function toCase(row: Row<'after_sales_case'>): Case {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    number: row.number,
    accountId: row.account_id,
    type: row.type,
    title: row.title,
    state: row.state,
    priority: row.priority,
    ownerId: row.owner_id,
    teamId: row.team_id,
    cycle: row.cycle,
    startedAt: row.started_at,
    due: {
      at: row.due_at,
      warnAt: row.warn_at,
      basis: row.due_basis,
      policyId: row.policy_id,
      policyVersion: row.policy_version,
    },
    told: row.told,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
    resolvedAt: row.resolved_at,
    closedAt: row.closed_at,
    version: row.version,
    revision: row.revision,
  };
}

function toRow(one: Case): Row<'after_sales_case'> {
  return {
    tenant_id: one.tenantId,
    id: one.id,
    number: one.number,
    account_id: one.accountId,
    type: one.type,
    title: one.title,
    state: one.state,
    priority: one.priority,
    owner_id: one.ownerId,
    team_id: one.teamId,
    cycle: one.cycle,
    started_at: one.startedAt,
    due_at: one.due.at,
    warn_at: one.due.warnAt,
    due_basis: one.due.basis,
    policy_id: one.due.policyId,
    policy_version: one.due.policyVersion,
    told: one.told,
    next_at: nextTellingAt(one),
    opened_by: one.openedBy,
    opened_at: one.openedAt,
    resolved_at: one.resolvedAt,
    closed_at: one.closedAt,
    version: one.version,
    revision: one.revision,
  };
}
