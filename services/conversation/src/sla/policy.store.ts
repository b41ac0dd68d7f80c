import type { SlaPolicyId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { Policy, PolicyContent } from '../clock/policy.domain.ts';
import { type PolicyRow, toPolicy } from '../clock/settings.store.ts';
import type { DB, Row } from '../db.ts';
import { contentOf } from './policy-change.domain.ts';

type Trx = Transaction<DB>;

/** Locks the policies of a workspace, also the ones that it does not have yet. */
export async function lockPolicies(trx: Trx, tenantId: TenantId): Promise<Policy[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`sla policies ${tenantId}`}, 0))`.execute(trx);
  return policiesOf(trx, tenantId);
}

/** All policies of a workspace, in the order in which they apply. */
export async function policiesOf(trx: Trx, tenantId: TenantId): Promise<Policy[]> {
  const { rows } = await sql<PolicyRow>`${allOf(tenantId)} order by p.position, p.id`.execute(trx);
  return rows.map(toPolicy);
}

export async function policiesByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly SlaPolicyId[],
): Promise<Map<SlaPolicyId, Policy>> {
  const { rows } = await sql<PolicyRow>`${allOf(tenantId)} and p.id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toPolicy(row)]));
}

function allOf(tenantId: TenantId) {
  return sql`select p.*, v.content from sla_policy p
    join sla_policy_version v on v.tenant_id = p.tenant_id and v.policy_id = p.id and v.version = p.version
    where p.tenant_id = ${tenantId}`;
}

/** What a policy said in one version; null if there is no such version. */
export async function policyVersion(
  trx: Trx,
  tenantId: TenantId,
  id: SlaPolicyId,
  version: number,
): Promise<PolicyContent | null> {
  const row = await trx
    .selectFrom('sla_policy_version')
    .select('content')
    .where('tenant_id', '=', tenantId)
    .where('policy_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return row?.content ?? null;
}

/** Writes a policy of a workspace that is locked, with the version that this change gave it. */
export async function savePolicy(trx: Trx, policy: Policy, changedAt: Date): Promise<LockedAggregate> {
  const { tenantId, id, name, version, position, isActive, calendarId } = policy;
  const state = { name, version, position, is_active: isActive, calendar_id: calendarId };
  await trx
    .insertInto('sla_policy')
    .values({ tenant_id: tenantId, id, created_at: policy.createdAt, ...state })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(state))
    .execute();
  const content = JSON.stringify(contentOf(policy));
  await trx
    .insertInto('sla_policy_version')
    .values({ tenant_id: tenantId, policy_id: id, version, content, changed_at: changedAt })
    .execute();
  return lockedAggregate({ tenantId, id, version });
}

/** The deadlines of platforms that a workspace has set. */
export async function deadlinesOf(trx: Trx, tenantId: TenantId): Promise<Map<string, number | null>> {
  const rows: Row<'platform_deadline'>[] = await trx
    .selectFrom('platform_deadline')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .execute();
  return new Map(rows.map(({ channel, minutes }) => [channel, minutes]));
}

export async function saveDeadline(trx: Trx, tenantId: TenantId, channel: string, minutes: number | null) {
  await trx
    .insertInto('platform_deadline')
    .values({ tenant_id: tenantId, channel, minutes })
    .onConflict((clash) => clash.columns(['tenant_id', 'channel']).doUpdateSet({ minutes }))
    .execute();
}
