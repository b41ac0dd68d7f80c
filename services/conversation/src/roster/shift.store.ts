import type { AgentId, TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { RosterPlan, Shift } from './roster.domain.ts';

type Trx = Transaction<DB>;

/** Locks the roster of a workspace. */
export async function lockRoster(trx: Trx, tenantId: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`roster ${tenantId}`}, 0))`.execute(trx);
}

/** The shifts of people that lie in a time at least in part. */
export async function shiftsWithin(
  trx: Trx,
  tenantId: TenantId,
  {
    from,
    until,
    agentIds,
  }: { readonly from: Date; readonly until: Date; readonly agentIds: readonly AgentId[] | null },
): Promise<Shift[]> {
  const ofThem = agentIds === null ? sql`` : sql`and agent_id = any(${agentIds}::uuid[])`;
  const { rows } = await sql<Row<'shift'>>`
    select * from shift where tenant_id = ${tenantId} and starts_at < ${until}
      and starts_at > ${new Date(from.getTime() - longestMs)} and ends_at > ${from} ${ofThem}
    order by starts_at, id`.execute(trx);
  return rows.map(toShift);
}

/** No shift is longer; so its start is found by an index. */
const longestMs = 24 * 3_600_000 + 1;

export interface ShiftPage {
  readonly from: Date;
  readonly until: Date;
  readonly first: number;
  readonly after: Keyset | null;
}

/** Shifts that begin in a time, one more than asked for. */
export async function listShifts(trx: Trx, tenantId: TenantId, page: ShiftPage): Promise<Shift[]> {
  const { first, after } = page;
  const behind = after === null ? sql`` : sql`and (starts_at, id) > (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<Row<'shift'>>`
    ${beginningIn(tenantId, page)} ${behind} order by starts_at, id limit ${first + 1}`.execute(trx);
  return rows.map(toShift);
}

export function countShifts(trx: Trx, tenantId: TenantId, page: ShiftPage): Promise<number> {
  return countRows(trx, beginningIn(tenantId, page));
}

function beginningIn(tenantId: TenantId, { from, until }: ShiftPage) {
  return sql`select * from shift where tenant_id = ${tenantId} and starts_at >= ${from} and starts_at < ${until}`;
}

export async function applyPlan(trx: Trx, tenantId: TenantId, { added, removed }: RosterPlan): Promise<void> {
  await sql`delete from shift where tenant_id = ${tenantId} and id = any(${removed.map(({ id }) => id)}::uuid[])`.execute(
    trx,
  );
  if (added.length === 0) return;
  const rows = added.map((shift) => ({
    tenant_id: tenantId,
    id: shift.id,
    agent_id: shift.agentId,
    calendar_id: shift.calendarId,
    starts_at: shift.startsAt,
    ends_at: shift.endsAt,
    next_at: shift.startsAt,
  }));
  await sql`insert into shift select * from json_populate_recordset(null::shift, ${JSON.stringify(rows)}::json)`.execute(
    trx,
  );
}

/** Takes shifts that begin or end, and moves them on: what they were due for is `isEnd`. */
export async function takeDueShifts(
  trx: Trx,
  limit: number,
  now: Date,
): Promise<{ readonly shift: Shift; readonly isEnd: boolean }[]> {
  const { rows } = await sql<Row<'shift'> & { readonly was_at: Date }>`
    update shift s set next_at = case when d.next_at < d.ends_at then d.ends_at end
    from (select * from shift where next_at <= ${now} order by next_at, id limit ${limit} for update skip locked) d
    where s.tenant_id = d.tenant_id and s.id = d.id
    returning s.*, d.next_at as was_at`.execute(trx);
  return rows
    .map((row) => ({ shift: toShift(row), isEnd: row.was_at >= row.ends_at, at: row.was_at }))
    .toSorted((one, other) => one.at.getTime() - other.at.getTime());
}

export async function nextShiftInMs(trx: Trx, now: Date): Promise<number | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(next_at) as at from shift where next_at is not null`.execute(trx);
  const at = rows[0]?.at ?? null;
  return at === null ? null : at.getTime() - now.getTime();
}

const keptDays = 400;

/** Deletes shifts that nobody looks back at any more. */
export async function forgetOldShifts(trx: Trx): Promise<void> {
  await sql`delete from shift where ends_at < now() - ${keptDays} * interval '1 day'`.execute(trx);
}

/** Who speaks which language at least so well. */
export async function speakersOf(trx: Trx, tenantId: TenantId, levelMin: number): Promise<Map<string, Set<AgentId>>> {
  const rows = await trx
    .selectFrom('agent_skill')
    .select(['agent_id', 'value', 'level'])
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'language')
    .orderBy('value')
    .execute();
  const speakers = new Map<string, Set<AgentId>>();
  for (const { agent_id: agentId, value, level } of rows) {
    const known = speakers.get(value) ?? new Set();
    speakers.set(value, level >= levelMin ? known.add(agentId) : known);
  }
  return speakers;
}

function toShift(row: Row<'shift'>): Shift {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    agentId: row.agent_id,
    calendarId: row.calendar_id,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
  };
}
