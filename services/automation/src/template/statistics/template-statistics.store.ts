import type { TemplateId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import type { RecentUse } from './stale.domain.ts';
import { changedIn } from './variant-place.domain.ts';

export interface TemplateStatistics {
  readonly sentByPeople: number;
  readonly sentByMachines: number;
  readonly refused: number;
  /** The most frequent first. */
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
  readonly reopened: number;
}

interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** What became of the messages that were decided with templates in a period. */
export async function statisticsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  templateIds: readonly TemplateId[],
  { from, to }: Period,
): Promise<Map<TemplateId, TemplateStatistics>> {
  const { rows } = await sql<Omit<TemplateStatistics, 'refused' | 'refusals'> & { templateId: TemplateId }>`
    select template_id as "templateId",
      count(*) filter (where agent_id is not null)::int as "sentByPeople",
      count(*) filter (where agent_id is null)::int as "sentByMachines",
      count(*) filter (where exists (
        select 1 from message_text t where t.tenant_id = d.tenant_id and t.conversation_id = d.conversation_id
          and t.author = 'buyer' and t.added_at > d.settled_at and t.added_at <= d.settled_at + interval '7 days'))::int
        as reopened
    from decision d
    where tenant_id = ${tenantId} and template_id = any(${templateIds}::uuid[]) and outcome = 'carried-out'
      and decided_at >= ${from} and decided_at < ${to}
    group by template_id`.execute(trx);
  const refusals = await refusalsOf(trx, tenantId, templateIds, { from, to });
  const sent = new Map(rows.map((row) => [row.templateId, row]));
  return new Map(
    templateIds.map((id) => {
      const counted = sent.get(id) ?? { sentByPeople: 0, sentByMachines: 0, reopened: 0 };
      const codes = refusals.get(id) ?? [];
      return [id, { ...counted, refused: codes.reduce((sum, { count }) => sum + count, 0), refusals: codes }];
    }),
  );
}

interface Refusal {
  readonly templateId: TemplateId;
  readonly code: string;
  readonly count: number;
}

async function refusalsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  templateIds: readonly TemplateId[],
  { from, to }: Period,
): Promise<Map<TemplateId, Refusal[]>> {
  const { rows } = await sql<Refusal>`
    select template_id as "templateId", code, count(*)::int as count from decision
    where tenant_id = ${tenantId} and template_id = any(${templateIds}::uuid[]) and outcome = 'refused'
      and decided_at >= ${from} and decided_at < ${to}
    group by template_id, code order by count(*) desc, code`.execute(trx);
  return Map.groupBy(rows, ({ templateId }) => templateId);
}

/** What tells whether templates are out of date. */
export async function recentUseOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  templateIds: readonly TemplateId[],
  { from, to }: Period,
): Promise<Map<TemplateId, RecentUse>> {
  const { rows } = await sql<{ id: TemplateId; decided: number; lastSentAt: Date | null; isSentByRules: boolean }>`
    select t.id, d.decided, d."lastSentAt", exists (
      select 1 from rule r
      join rule_version v on v.tenant_id = r.tenant_id and v.rule_id = r.id and v.version = r.version
      where r.tenant_id = ${tenantId} and v.mode in ('suggest', 'auto')
        and v.content -> 'actions' @> jsonb_build_array(jsonb_build_object('type', 'reply', 'value', t.id::text))
    ) as "isSentByRules"
    from unnest(${templateIds}::uuid[]) as t (id)
    cross join lateral (
      select count(*)::int as decided, max(settled_at) filter (where outcome = 'carried-out') as "lastSentAt"
      from decision where tenant_id = ${tenantId} and template_id = t.id and decided_at >= ${from}
    ) as d`.execute(trx);
  const refusals = await refusalsOf(trx, tenantId, templateIds, { from, to });
  const history = await historyOf(trx, tenantId, templateIds);
  return new Map(
    rows.map(({ id, ...used }) => {
      const codes = new Map((refusals.get(id) ?? []).map(({ code, count }) => [code, count]));
      return [id, { ...used, refusals: codes, changedIn: changedIn(history.get(id) ?? []) }];
    }),
  );
}

async function historyOf(trx: Transaction<DB>, tenantId: TenantId, templateIds: readonly TemplateId[]) {
  const rows = await trx
    .selectFrom('template_variant')
    .select(['template_id', 'version', 'locale', 'market', 'channel', 'text'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`template_id = any(${templateIds}::uuid[])`)
    .orderBy('version')
    .execute();
  return Map.groupBy(rows, (row) => row.template_id);
}
