import type { TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { WebhookAddressId } from '../ids.ts';

export type Refusal = Row<'webhook_refusal'>;

/** Notes that the last delivery to an address was refused. */
export async function saveRefusal(trx: Trx, { tenant_id, address_id, reason, refused_at }: Refusal): Promise<void> {
  await sql`
    insert into webhook_refusal (tenant_id, address_id, reason, refused_at)
    values (${tenant_id}, ${address_id}, ${reason}, ${refused_at})
    on conflict (tenant_id, address_id) do update set reason = excluded.reason, refused_at = excluded.refused_at`.execute(
    trx,
  );
}

/** A delivery was accepted: earlier refusals mean nothing any more. */
export async function deleteRefusals(trx: Trx, addressIds: readonly WebhookAddressId[]): Promise<void> {
  await sql`delete from webhook_refusal where address_id = any(${addressIds}::uuid[])`.execute(trx);
}

export async function findRefusals(trx: Trx, tenantId: TenantId, addressIds: readonly string[]): Promise<Refusal[]> {
  const { rows } = await sql<Refusal>`
    select tenant_id, address_id, reason, refused_at from webhook_refusal
    where tenant_id = ${tenantId} and address_id = any(${addressIds}::uuid[])`.execute(trx);
  return rows;
}
