import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

/** Looks a workspace up by the name that people type, before the tenant is known. Worker role only. */
export async function findWorkspace(trx: Transaction<DB>, slug: string): Promise<TenantId | null> {
  const row = await trx.selectFrom('workspace').select('tenant_id').where('slug', '=', slug).executeTakeFirst();
  return row?.tenant_id ?? null;
}

export async function isAnyWorkspace(trx: Transaction<DB>): Promise<boolean> {
  const row = await trx.selectFrom('workspace').select('tenant_id').limit(1).executeTakeFirst();
  return row !== undefined;
}

/** Makes transactions that create workspaces take turns. Worker role only. */
export async function lockWorkspaces(trx: Transaction<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('conversation workspaces'))`.execute(trx);
}

export async function insertWorkspace(
  trx: Transaction<DB>,
  workspace: { readonly tenantId: TenantId; readonly slug: string; readonly name: string; readonly createdAt: Date },
): Promise<void> {
  const { tenantId, slug, name, createdAt } = workspace;
  await trx.insertInto('workspace').values({ tenant_id: tenantId, slug, name, created_at: createdAt }).execute();
}
