import type { TenantId } from '@crossdesk/contracts';
import { countRows, type LockedAggregate, lockedAggregate, type NamePlace } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { Circuit } from './attempt.domain.ts';

export type EndpointRow = Row<'webhook_endpoint'>;

const columns = sql`tenant_id, id, url, description, event_types, account_ids, sealed_secret, sealed_previous_secret,
  previous_secret_until, is_enabled, disabled_reason, version, failures_in_row, probe_at, created_at`;

/** By description; one more than asked for. */
export async function listEndpoints(
  trx: Trx,
  tenantId: TenantId,
  { first, after }: { readonly first: number; readonly after: NamePlace | null },
): Promise<EndpointRow[]> {
  const behind = after === null ? sql`` : sql`and (description, id) > (${after.name}, ${after.id}::uuid)`;
  const { rows } = await sql<EndpointRow>`
    select ${columns} from webhook_endpoint where tenant_id = ${tenantId} ${behind}
    order by description, id limit ${first + 1}`.execute(trx);
  return rows;
}

export function countEndpoints(trx: Trx, tenantId: TenantId): Promise<number> {
  return countRows(trx, sql`select 1 from webhook_endpoint where tenant_id = ${tenantId}`);
}

export async function findEndpoint(trx: Trx, tenantId: TenantId, id: string): Promise<EndpointRow | null> {
  const { rows } = await sql<EndpointRow>`
    select ${columns} from webhook_endpoint where tenant_id = ${tenantId} and id = ${id}`.execute(trx);
  return rows[0] ?? null;
}

export async function lockEndpoint(trx: Trx, tenantId: TenantId, id: string): Promise<EndpointRow | null> {
  const { rows } = await sql<EndpointRow>`
    select ${columns} from webhook_endpoint where tenant_id = ${tenantId} and id = ${id} for update`.execute(trx);
  return rows[0] ?? null;
}

/** The addresses of these workspaces, disabled ones included. */
export async function endpointsOf(trx: Trx, tenantIds: readonly TenantId[]): Promise<EndpointRow[]> {
  const { rows } = await sql<EndpointRow>`
    select ${columns} from webhook_endpoint where tenant_id = any(${tenantIds}::uuid[])`.execute(trx);
  return rows;
}

/** The workspaces that have addresses. */
export async function tenantsWithEndpoints(trx: Trx): Promise<Set<string>> {
  const { rows } = await sql<Pick<EndpointRow, 'tenant_id'>>`select distinct tenant_id from webhook_endpoint`.execute(
    trx,
  );
  return new Set(rows.map((row) => row.tenant_id));
}

/** The accounts of the workspace among these. */
export async function knownAccounts(trx: Trx, tenantId: TenantId, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<Pick<Row<'channel_account'>, 'id'>>`
    select id from channel_account where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(trx);
  return rows.map((row) => row.id);
}

export async function insertEndpoint(trx: Trx, row: EndpointRow): Promise<LockedAggregate> {
  await trx.insertInto('webhook_endpoint').values(row).execute();
  return aggregateOf(row);
}

/** Overwrites a locked address, with the next version. */
export async function saveEndpoint(trx: Trx, row: EndpointRow): Promise<LockedAggregate> {
  const { tenant_id, id, ...values } = row;
  await trx
    .updateTable('webhook_endpoint')
    .set(values)
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .execute();
  return aggregateOf(row);
}

/** Notes how calls go, without a new version: nobody edits that. */
export async function saveCircuit(trx: Trx, { tenant_id, id }: EndpointRow, circuit: Circuit): Promise<void> {
  await trx
    .updateTable('webhook_endpoint')
    .set({ failures_in_row: circuit.failuresInRow, probe_at: circuit.probeAt })
    .where('tenant_id', '=', tenant_id)
    .where('id', '=', id)
    .execute();
}

/** Deletes a locked address; its deliveries are deleted by the daily job. */
export async function deleteEndpoint(trx: Trx, { tenant_id, id }: EndpointRow): Promise<void> {
  await sql`delete from webhook_endpoint where tenant_id = ${tenant_id} and id = ${id}`.execute(trx);
}

function aggregateOf({ tenant_id: tenantId, id, version }: EndpointRow): LockedAggregate {
  return lockedAggregate({ tenantId, id, version });
}
