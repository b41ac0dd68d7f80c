import { firstIdAt, type RuleId, type TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import {
  type ActCount,
  type Afterwards,
  type Counts,
  type DayCount,
  type RuleStatistics,
  statisticsOf,
} from './statistics.domain.ts';

type Trx = Transaction<DB>;

interface Wanted {
  readonly tenantId: TenantId;
  readonly ruleIds: readonly RuleId[];
  readonly from: Date;
  readonly to: Date;
}

const dayMs = 24 * 3_600_000;

/** What rules did in a time, from what was stored about it. */
export async function statisticsByRules(
  trx: Trx,
  tenantId: TenantId,
  ruleIds: readonly RuleId[],
  span: { readonly from: string; readonly to: string },
): Promise<Map<RuleId, RuleStatistics>> {
  const wanted = { tenantId, ruleIds, from: new Date(span.from), to: new Date(span.to) };
  const counts: Counts = {
    evaluated: await countEvaluated(trx, wanted),
    acts: await countActs(trx, wanted),
    limited: await countLimited(trx, wanted),
    undecided: await countUndecided(trx, wanted),
    refused: await countRefused(trx, wanted),
    afterwards: await countAfterwards(trx, wanted),
  };
  return new Map(ruleIds.map((id) => [id, statisticsOf(id, counts)]));
}

/** The evaluations of a time; their events are hardly older. */
function evaluationsOf({ tenantId, from, to }: Wanted) {
  return sql`e.tenant_id = ${tenantId} and e.event_id >= ${firstIdAt(new Date(from.getTime() - dayMs))}::uuid
    and e.evaluated_at >= ${from} and e.evaluated_at < ${to}`;
}

/** How many events a rule has looked at: those of its trigger, or its own times. */
async function countEvaluated(trx: Trx, wanted: Wanted): Promise<{ rule_id: RuleId; count: number }[]> {
  const { rows } = await sql<{ rule_id: RuleId; count: number }>`
    with counted as (
      select e.trigger, e.timer_rule_id, count(*) as count from evaluation e where ${evaluationsOf(wanted)} group by 1, 2)
    select r.id as rule_id, sum(c.count)::int as count from rule r
    join rule_version v on v.tenant_id = r.tenant_id and v.rule_id = r.id and v.version = r.version
    join counted c on case when v.content ->> 'afterMinutes' is null
      then c.timer_rule_id is null and c.trigger = v.content ->> 'trigger' else c.timer_rule_id = r.id end
    where r.tenant_id = ${wanted.tenantId} and r.id = any(${wanted.ruleIds}::uuid[]) group by r.id`.execute(trx);
  return rows;
}

async function countActs(trx: Trx, { tenantId, ruleIds, from, to }: Wanted): Promise<ActCount[]> {
  const { rows } = await sql<ActCount>`
    select rule_id, to_char(acted_at at time zone 'UTC', 'YYYY-MM-DD') as day,
      count(*) filter (where mode = 'auto')::int as acted, count(*) filter (where mode <> 'auto')::int as would_act,
      max(acted_at) as last_at
    from rule_act where tenant_id = ${tenantId} and rule_id = any(${ruleIds}::uuid[])
      and acted_at >= ${from} and acted_at < ${to}
    group by 1, 2`.execute(trx);
  return rows;
}

async function countLimited(trx: Trx, wanted: Wanted): Promise<DayCount[]> {
  const { rows } = await sql<DayCount>`
    select d.rule_id::uuid as rule_id, to_char(e.evaluated_at at time zone 'UTC', 'YYYY-MM-DD') as day, null as code,
      count(*)::int as count
    from evaluation e cross join lateral jsonb_each_text(e.denials) as d (rule_id, denial)
    where ${evaluationsOf(wanted)} and e.denials <> '{}' and d.denial <> 'once'
      and d.rule_id::uuid = any(${wanted.ruleIds}::uuid[])
    group by 1, 2`.execute(trx);
  return rows;
}

/** What rules wanted and nothing could be decided of. */
async function countUndecided(trx: Trx, wanted: Wanted): Promise<DayCount[]> {
  const { rows } = await sql<DayCount>`
    select r."ruleId" as rule_id, to_char(e.evaluated_at at time zone 'UTC', 'YYYY-MM-DD') as day, r.code,
      count(*)::int as count
    from evaluation e cross join lateral jsonb_to_recordset(e.results) as r ("ruleId" uuid, "decisionId" uuid, code text)
    where ${evaluationsOf(wanted)} and e.results <> '[]' and r."decisionId" is null
      and r."ruleId" = any(${wanted.ruleIds}::uuid[])
    group by 1, 2, 3`.execute(trx);
  return rows;
}

function decisionsOf({ tenantId, ruleIds, from, to }: Wanted) {
  return sql`d.tenant_id = ${tenantId} and d.rule_id = any(${ruleIds}::uuid[])
    and d.id >= ${firstIdAt(from)}::uuid and d.id < ${firstIdAt(to)}::uuid`;
}

/** What their owner refused. */
async function countRefused(trx: Trx, wanted: Wanted): Promise<DayCount[]> {
  const { rows } = await sql<DayCount>`
    select d.rule_id, to_char(d.decided_at at time zone 'UTC', 'YYYY-MM-DD') as day, d.code, count(*)::int as count
    from decision d where ${decisionsOf(wanted)} and d.outcome = 'refused' group by 1, 2, 3`.execute(trx);
  return rows;
}

const repliesMax = 10_000;

/** What came within a day after the last replies: another message of the buyer, a call for a person. */
async function countAfterwards(trx: Trx, wanted: Wanted): Promise<Afterwards[]> {
  const { rows } = await sql<Afterwards>`
    select d.rule_id, count(*)::int as replies,
      count(*) filter (where exists (
        select 1 from message_text m where m.tenant_id = d.tenant_id and m.conversation_id = d.conversation_id
          and m.author = 'buyer' and m.added_at > d.decided_at and m.added_at <= d.decided_at + interval '1 day'
      ))::int as written_again,
      count(*) filter (where exists (
        select 1 from decision x where x.tenant_id = d.tenant_id and x.conversation_id = d.conversation_id
          and x.kind = 'escalate' and x.decided_at > d.decided_at and x.decided_at <= d.decided_at + interval '1 day'
      ))::int as escalated
    from (
      select d.* from decision d where ${decisionsOf(wanted)} and d.kind = 'reply' and d.outcome = 'carried-out'
      order by d.id desc limit ${repliesMax}) d
    group by d.rule_id`.execute(trx);
  return rows;
}
