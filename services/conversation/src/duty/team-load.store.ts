import type { TeamId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** What a team can take now, and what waits for it. */
export interface TeamLoad {
  readonly onDutyCount: number;
  readonly capacity: number;
  readonly used: number;
  readonly waitingCount: number;
  readonly oldestWaitingSince: Date | null;
}

/** Of teams, in one statement; what waits and what people have is counted as far as the caller sees it. */
export async function teamLoads(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly TeamId[],
): Promise<Map<TeamId, TeamLoad>> {
  const { rows } = await sql<{
    readonly team_id: TeamId;
    readonly on_duty: number;
    readonly capacity: number;
    readonly used: number;
    readonly waiting: number;
    readonly oldest: Date | null;
  }>`
    select t.team_id, d.on_duty, d.capacity, d.used, q.waiting, q.oldest
    from unnest(${ids}::uuid[]) as t (team_id)
    cross join lateral (
      select count(*)::int as on_duty, coalesce(sum(a.capacity), 0)::int as capacity, case when coalesce(current_setting('app.stores', true), '') || coalesce(current_setting('app.reach', true), '') = ''
        then coalesce(sum(a.used), 0) else coalesce(sum((
          select count(*) from conversation c
          where c.tenant_id = a.tenant_id and c.assignee_id = a.agent_id and c.phase = 'open' and c.state <> 'handled')), 0)
        end::int as used
      from team_member m
      join agent_duty a on a.tenant_id = m.tenant_id and a.agent_id = m.agent_id and a.is_on_duty
      where m.tenant_id = ${tenantId} and m.team_id = t.team_id
    ) d
    cross join lateral (
      select count(*)::int as waiting, min(e.waiting_since) as oldest
      from queue_entry e where e.tenant_id = ${tenantId} and e.team_id = t.team_id
    ) q`.execute(trx);
  return new Map(
    rows.map((row) => [
      row.team_id,
      {
        onDutyCount: row.on_duty,
        capacity: row.capacity,
        used: row.used,
        waitingCount: row.waiting,
        oldestWaitingSince: row.oldest,
      },
    ]),
  );
}
