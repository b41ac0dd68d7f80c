import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Rule, RuleSet, RuleVersion } from './rule.domain.ts';

/** Makes the rules, in this order, the next set of a workspace that is locked, and returns its number. */
export async function insertRuleSet(
  trx: Transaction<DB>,
  { tenantId, rules, now }: { readonly tenantId: TenantId; readonly rules: readonly Rule[]; readonly now: Date },
): Promise<number> {
  const members = JSON.stringify(rules.map(({ id, version }) => ({ ruleId: id, version })));
  const hasTurn = rules.some(({ mode, trigger }) => mode !== 'off' && trigger === 'turn');
  const { rows } = await sql<Pick<Row<'rule_set'>, 'number'>>`
    insert into rule_set (tenant_id, number, rules, has_turn, made_at)
    select ${tenantId}, coalesce(max(number), 0) + 1, ${members}::jsonb, ${hasTurn}, ${now}
    from rule_set where tenant_id = ${tenantId}
    returning number`.execute(trx);
  return rows[0]?.number ?? 0;
}

/** The numbers of the present sets of workspaces that have one. */
export async function presentSets(
  trx: Transaction<DB>,
  tenantIds: readonly TenantId[],
): Promise<Map<TenantId, number>> {
  const { rows } = await sql<Pick<Row<'rule_set'>, 'tenant_id' | 'number'>>`
    select t.tenant_id, s.number from unnest(${tenantIds}::uuid[]) as t (tenant_id)
    cross join lateral (
      select number from rule_set where tenant_id = t.tenant_id order by number desc limit 1) s`.execute(trx);
  return new Map(rows.map(({ tenant_id, number }) => [tenant_id, number]));
}

/** The rules of a set, as they were then. A set that does not exist has none. */
export async function readRuleSet(trx: Transaction<DB>, tenantId: TenantId, number: number): Promise<RuleSet> {
  const { rows } = await sql<Row<'rule_version'>>`
    select v.* from rule_set s
    cross join lateral jsonb_array_elements(s.rules) with ordinality as m (member, place)
    join rule_version v on v.tenant_id = s.tenant_id and v.rule_id = (m.member ->> 'ruleId')::uuid
      and v.version = (m.member ->> 'version')::int
    where s.tenant_id = ${tenantId} and s.number = ${number}
    order by m.place`.execute(trx);
  return { number, rules: rows.map(toVersion) };
}

function toVersion({ rule_id, version, mode, content }: Row<'rule_version'>): RuleVersion {
  return { ...content, id: rule_id, version, mode };
}
