import type { CalendarId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { type Calendar, contentOf } from './calendar.domain.ts';

type Trx = Transaction<DB>;
type CalendarRow = Row<'calendar'> & Pick<Row<'calendar_version'>, 'content'>;

/** Locks the calendars of a workspace, also the ones that it does not have yet. */
export async function lockCalendars(trx: Trx, tenantId: TenantId): Promise<Calendar[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`calendars ${tenantId}`}, 0))`.execute(trx);
  return calendarsOf(trx, tenantId);
}

/** All calendars of a workspace, by name. */
export async function calendarsOf(trx: Trx, tenantId: TenantId): Promise<Calendar[]> {
  const { rows } = await sql<CalendarRow>`${allOf(tenantId)} order by c.name`.execute(trx);
  return rows.map(toCalendar);
}

export async function calendarsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CalendarId[],
): Promise<Map<CalendarId, Calendar>> {
  const { rows } = await sql<CalendarRow>`${allOf(tenantId)} and c.id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toCalendar(row)]));
}

function allOf(tenantId: TenantId) {
  return sql`select c.*, v.content from calendar c
    join calendar_version v on v.tenant_id = c.tenant_id and v.calendar_id = c.id and v.version = c.version
    where c.tenant_id = ${tenantId}`;
}

/** Writes a calendar of a workspace that is locked, with the version that this change gave it. */
export async function saveCalendarRow(trx: Trx, calendar: Calendar): Promise<LockedAggregate> {
  const { tenantId, id, name, version, createdAt } = calendar;
  await trx
    .insertInto('calendar')
    .values({ tenant_id: tenantId, id, name, version, created_at: createdAt })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet({ name, version }))
    .execute();
  await trx
    .insertInto('calendar_version')
    .values({ tenant_id: tenantId, calendar_id: id, version, content: JSON.stringify(contentOf(calendar)) })
    .execute();
  return lockedAggregate({ tenantId, id, version });
}

/** The name of a service level that uses a calendar; null if none does. */
export async function userOfCalendar(trx: Trx, { tenantId, id }: Calendar): Promise<string | null> {
  const row = await trx
    .selectFrom('sla_policy')
    .select('name')
    .where('tenant_id', '=', tenantId)
    .where('calendar_id', '=', id)
    .limit(1)
    .executeTakeFirst();
  return row?.name ?? null;
}

/** Deletes a calendar of a workspace that is locked; what its versions said stays. */
export async function deleteCalendarRow(trx: Trx, { tenantId, id, version }: Calendar): Promise<LockedAggregate> {
  await trx.deleteFrom('calendar').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
  return lockedAggregate({ tenantId, id, version: version + 1 });
}

function toCalendar({ content, ...row }: CalendarRow): Calendar {
  return {
    ...content,
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    version: row.version,
    createdAt: row.created_at,
  };
}
