import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { bytesArray } from '@crossdesk/service-kit';
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { WebhookAddressId } from '../ids.ts';

export interface ReceiptToInsert {
  readonly tenantId: TenantId;
  readonly addressId: WebhookAddressId;
  readonly deliveryKey: string;
  readonly rawId: string;
  readonly body: Uint8Array;
  readonly receivedAt: Date;
}

/** Stores deliveries with their bytes. Returns the raw ids of the new ones. */
export async function insertReceipts(trx: Trx, receipts: readonly ReceiptToInsert[]): Promise<Set<string>> {
  const { rows } = await sql<{ raw_id: string }>`
    with fresh as (
      insert into webhook_receipt (tenant_id, address_id, delivery_key, raw_id, received_at)
      select tenant_id, address_id, delivery_key, raw_id, received_at
      from unnest(${receipts.map((r) => r.tenantId)}::uuid[], ${receipts.map((r) => r.addressId)}::uuid[],
        ${receipts.map((r) => r.deliveryKey)}::text[], ${receipts.map((r) => r.rawId)}::uuid[],
        ${receipts.map((r) => r.receivedAt)}::timestamptz[]) as n (tenant_id, address_id, delivery_key, raw_id, received_at)
      order by tenant_id, address_id, delivery_key
      on conflict do nothing returning raw_id
    )
    insert into raw_payload (tenant_id, id, address_id, body, received_at)
    select tenant_id, raw_id, address_id, body, received_at
    from unnest(${receipts.map((r) => r.tenantId)}::uuid[], ${receipts.map((r) => r.addressId)}::uuid[],
      ${receipts.map((r) => r.rawId)}::uuid[], ${bytesArray(receipts.map((r) => r.body))}::bytea[],
      ${receipts.map((r) => r.receivedAt)}::timestamptz[]) as n (tenant_id, address_id, raw_id, body, received_at)
    join fresh using (raw_id)
    returning id as raw_id`.execute(trx);
  return new Set(rows.map((row) => row.raw_id));
}

/** Of deliveries that came before: the raw ids of those that have another body than the first time. */
export async function findOtherBodies(trx: Trx, repeats: readonly ReceiptToInsert[]): Promise<Set<string>> {
  if (repeats.length === 0) return new Set();
  const hashes = repeats.map(({ body }) => createHash('sha256').update(body).digest());
  const { rows } = await sql<{ raw_id: string }>`
    select n.raw_id
    from unnest(${repeats.map((r) => r.tenantId)}::uuid[], ${repeats.map((r) => r.addressId)}::uuid[],
      ${repeats.map((r) => r.deliveryKey)}::text[], ${repeats.map((r) => r.rawId)}::uuid[],
      ${bytesArray(hashes)}::bytea[]) as n (tenant_id, address_id, delivery_key, raw_id, hash)
    join webhook_receipt w using (tenant_id, address_id, delivery_key)
    join raw_payload p on p.tenant_id = w.tenant_id and p.id = w.raw_id
    -- The bytes of an erased buyer are gone.
    where p.body <> '' and sha256(p.body) <> n.hash`.execute(trx);
  return new Set(rows.map((row) => row.raw_id));
}

/** The bytes of a delivery; null when they are not kept any more, as those of an erased buyer. */
export async function findRawBody(trx: Trx, tenantId: TenantId, rawId: string): Promise<Uint8Array | null> {
  const { rows } = await sql<{ body: Uint8Array }>`
    select body from raw_payload where tenant_id = ${tenantId} and id = ${rawId} and body <> ''`.execute(trx);
  return rows[0]?.body ?? null;
}

/** What a delivery is about. */
export interface RawSubject {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly kind: 'thread' | 'order' | 'feedback';
  /** The conversation of a thread, or the platform's id of an order or a review. */
  readonly externalId: string;
  readonly rawId: string;
}

/**
 * Records which threads and orders the bytes are about, so that they can be erased together. The bytes are not kept for
 * an erased order or review, or for a thread that stays erased because the delivery contained nothing new.
 */
export async function insertSubjects(trx: Trx, subjects: readonly RawSubject[]): Promise<void> {
  if (subjects.length === 0) return;
  await sql`
    with subject as (
      select distinct * from unnest(${subjects.map((s) => s.tenantId)}::uuid[],
        ${subjects.map((s) => s.accountId)}::uuid[], ${subjects.map((s) => s.kind)}::text[],
        ${subjects.map((s) => s.externalId)}::text[], ${subjects.map((s) => s.rawId)}::uuid[])
        as s (tenant_id, account_id, kind, external_id, raw_id)
    ), noted as (
      insert into raw_subject (tenant_id, account_id, kind, external_id, raw_id)
      select tenant_id, account_id, kind, external_id, raw_id from subject on conflict do nothing
    )
    update raw_payload r set body = '' from subject s
    where r.tenant_id = s.tenant_id and r.id = s.raw_id and case s.kind
      when 'thread' then exists (
        select from thread t where t.tenant_id = s.tenant_id and t.conversation_id = s.external_id::uuid
          and t.erased_at is not null)
      when 'feedback' then exists (
        select from platform_feedback f where f.tenant_id = s.tenant_id and f.account_id = s.account_id
          and f.external_feedback_id = s.external_id and f.erased_at is not null)
      else exists (
        select from customer_order o where o.tenant_id = s.tenant_id and o.account_id = s.account_id
          and o.external_order_id = s.external_id and o.erased_at is not null)
      end`.execute(trx);
}
