import type { AgentId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { defaultPreferences, type Preferences } from './preference.domain.ts';

type Trx = Transaction<DB>;
type Person = { readonly tenantId: TenantId; readonly agentId: AgentId };

export function personKey({ tenantId, agentId }: Person): string {
  return `${tenantId} ${agentId}`;
}

/** What the people among these who work here have chosen; programs and those who left are left out. */
export async function preferencesOf(trx: Trx, people: readonly Person[]): Promise<Map<string, Preferences>> {
  if (people.length === 0) return new Map();
  type Found = { tenant_id: TenantId; id: AgentId; preference: Stored | null };
  const { rows } = await sql<Found>`
    select a.tenant_id, a.id, to_json(p) as preference
    from agent a left join notification_preference p on p.tenant_id = a.tenant_id and p.agent_id = a.id
    where (a.tenant_id, a.id) in (
        select * from unnest(${people.map((one) => one.tenantId)}::uuid[], ${people.map((one) => one.agentId)}::uuid[]))
      and a.is_active and a.kind = 'person'`.execute(trx);
  return new Map(
    rows.map(({ tenant_id: tenantId, id: agentId, preference }) => {
      const person = { tenantId, agentId };
      return [
        personKey(person),
        preference === null ? defaultPreferences(tenantId, agentId) : toPreferences(preference),
      ];
    }),
  );
}

/** The people of these workspaces who lead others. */
export async function leadsOf(trx: Trx, tenantIds: readonly TenantId[]): Promise<Map<TenantId, AgentId[]>> {
  if (tenantIds.length === 0) return new Map();
  const { rows } = await sql<{ tenant_id: TenantId; id: AgentId }>`
    select tenant_id, id from agent
    where tenant_id = any(${tenantIds}::uuid[]) and role in ('supervisor', 'admin') and is_active and kind = 'person'
    order by id`.execute(trx);
  return new Map(
    [...Map.groupBy(rows, (row) => row.tenant_id)].map(([tenantId, of]) => [tenantId, of.map(({ id }) => id)]),
  );
}

/** Writes what somebody has chosen; false if it was changed since. */
export async function savePreferences(trx: Trx, chosen: Preferences): Promise<boolean> {
  const row = toRow(chosen);
  const { numAffectedRows } = await sql`
    insert into notification_preference as p
    select * from json_populate_record(null::notification_preference, ${JSON.stringify(row)}::json)
    on conflict (tenant_id, agent_id) do update
    set ways = excluded.ways, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, zone = excluded.zone,
      version = excluded.version
    where p.version = excluded.version - 1`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}

type Stored = Row<'notification_preference'>;

function toPreferences(row: Stored): Preferences {
  const { quiet_from: fromMin, quiet_until: untilMin } = row;
  return {
    tenantId: row.tenant_id,
    agentId: row.agent_id,
    ways: row.ways,
    quiet: fromMin === null || untilMin === null ? null : { fromMin, untilMin },
    zone: row.zone,
    version: row.version,
  };
}

function toRow({ tenantId, agentId, ways, quiet, zone, version }: Preferences): Stored {
  const hours = { quiet_from: quiet?.fromMin ?? null, quiet_until: quiet?.untilMin ?? null };
  return { tenant_id: tenantId, agent_id: agentId, ways, ...hours, zone, version };
}
