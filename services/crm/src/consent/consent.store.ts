import { createHmac } from 'node:crypto';
import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { type Consent, effectiveOf, type EffectiveConsent, type Purpose } from './consent.domain.ts';

type Trx = Transaction<DB>;

export async function insertConsents(trx: Trx, consents: readonly Consent[]): Promise<void> {
  if (consents.length === 0) return;
  await trx
    .insertInto('consent')
    .values(
      consents.map((one) => ({
        tenant_id: one.tenantId,
        id: one.id,
        profile_id: one.profileId,
        purpose: one.purpose,
        state: one.state,
        basis: one.basis,
        wording: one.wording,
        evidence: one.evidence,
        recorded_at: one.recordedAt,
        recorded_by: one.recordedBy,
      })),
    )
    .execute();
}

/** Everything a customer agreed or objected to on all their profiles, latest first. */
export async function readConsents(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<Consent[]> {
  const rows = await trx
    .selectFrom('consent as c')
    .innerJoin('profile as p', (join) =>
      join.onRef('p.tenant_id', '=', 'c.tenant_id').onRef('p.id', '=', 'c.profile_id'),
    )
    .selectAll('c')
    .where('p.tenant_id', '=', tenantId)
    .where('p.customer_id', '=', customerId)
    .orderBy('c.id', 'desc')
    .execute();
  return rows.map(toConsent);
}

function toConsent(row: Row<'consent'>): Consent {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    profileId: row.profile_id,
    purpose: row.purpose,
    state: row.state,
    basis: row.basis,
    wording: row.wording,
    evidence: row.evidence,
    recordedAt: row.recorded_at,
    recordedBy: row.recorded_by,
  };
}

export async function effectiveConsent(
  trx: Trx,
  tenantId: TenantId,
  customerId: CustomerId,
  purpose: Purpose,
): Promise<EffectiveConsent> {
  const all = await readConsents(trx, tenantId, customerId);
  return effectiveOf(all.filter((one) => one.purpose === purpose));
}

interface Suppressed {
  readonly tenantId: TenantId;
  readonly customerId: CustomerId;
  readonly purpose: Purpose;
}

/** Notes the addresses of a customer, so that an objection holds also after an erasure. */
export async function suppressAddresses(
  trx: Trx,
  key: Buffer,
  { tenantId, customerId, purpose }: Suppressed,
  now: Date,
): Promise<void> {
  const hashes = await hashesOf(trx, key, tenantId, customerId);
  if (hashes.length === 0) return;
  await trx
    .insertInto('suppression')
    .values(hashes.map((hash) => ({ tenant_id: tenantId, address_hash: hash, purpose, since: now })))
    .onConflict((clash) => clash.doNothing())
    .execute();
}

/** Takes the addresses of a customer off the list: they have agreed again. */
export async function liftSuppression(
  trx: Trx,
  key: Buffer,
  { tenantId, customerId, purpose }: Suppressed,
): Promise<void> {
  const hashes = await hashesOf(trx, key, tenantId, customerId);
  if (hashes.length === 0) return;
  await trx
    .deleteFrom('suppression')
    .where('tenant_id', '=', tenantId)
    .where('purpose', '=', purpose)
    .where('address_hash', 'in', hashes)
    .execute();
}

export async function isSuppressed(
  trx: Trx,
  key: Buffer,
  { tenantId, customerId, purpose }: Suppressed,
): Promise<boolean> {
  const hashes = await hashesOf(trx, key, tenantId, customerId);
  if (hashes.length === 0) return false;
  const row = await trx
    .selectFrom('suppression')
    .select('since')
    .where('tenant_id', '=', tenantId)
    .where('purpose', '=', purpose)
    .where('address_hash', 'in', hashes)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function hashesOf(trx: Trx, key: Buffer, tenantId: TenantId, customerId: CustomerId): Promise<Buffer[]> {
  const { rows } = await sql<Pick<Row<'customer_identity'>, 'kind' | 'account_id' | 'value'>>`
    select kind, account_id, value from customer_identity
    where tenant_id = ${tenantId} and customer_id = ${customerId} and kind in ('platform', 'phone', 'email')`.execute(
    trx,
  );
  return rows.map(({ kind, account_id: accountId, value }) =>
    createHmac('sha256', key)
      .update(JSON.stringify([tenantId, kind, accountId, value.toLowerCase()]))
      .digest(),
  );
}

/** The words of an erased customer; that they agreed or objected stays. Returns how many rows had some. */
export async function eraseConsents(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update consent c set wording = null, evidence = null
    from profile p
    where c.tenant_id = ${tenantId} and p.tenant_id = c.tenant_id and p.id = c.profile_id
      and (p.id = any(${ids}::uuid[]) or p.customer_id = any(${ids}::uuid[]))
      and (c.wording is not null or c.evidence is not null)`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}
