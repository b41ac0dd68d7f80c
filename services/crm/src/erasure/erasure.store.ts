import type { ConversationId, CustomerId, ErasedRows, ErasureId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../db.ts';
import { type LedgerEntry, type ErasingService, erasingServices } from './erasure.domain.ts';

type Trx = Transaction<Tables>;

const columns = sql`tenant_id as "tenantId", id, customer_id as "customerId", requested_at as "requestedAt",
  requested_by as "requestedBy", completed_at as "completedAt", version`;

/** Locks a customer, or the one he was merged into, and answers his id. */
export async function lockCustomer(trx: Trx, tenantId: TenantId, askedId: CustomerId): Promise<CustomerId | null> {
  const { rows } = await sql<{ id: CustomerId }>`
    select id from customer where tenant_id = ${tenantId} and id = (
      select coalesce(merged_into, id) from customer where tenant_id = ${tenantId} and id = ${askedId})
    for update`.execute(trx);
  return rows[0]?.id ?? null;
}

export async function findErasureOf(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<LedgerEntry | null> {
  const { rows } = await sql<LedgerEntry>`
    select ${columns} from erasure where tenant_id = ${tenantId} and customer_id = ${customerId}`.execute(trx);
  return rows[0] ?? null;
}

export async function findErasure(trx: Trx, tenantId: TenantId, id: ErasureId): Promise<LedgerEntry | null> {
  const { rows } = await sql<LedgerEntry>`
    select ${columns} from erasure where tenant_id = ${tenantId} and id = ${id}`.execute(trx);
  return rows[0] ?? null;
}

/** The conversations the customer has, and those that an earlier erasure of his was about. */
export async function conversationsToErase(
  trx: Trx,
  { tenantId, id, customerId }: LedgerEntry,
): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select value::uuid as id from customer_identity
    where tenant_id = ${tenantId} and customer_id = ${customerId} and kind = 'conversation'
    union select conversation_id from erasure_part where tenant_id = ${tenantId} and erasure_id = ${id}
    order by id`.execute(trx);
  return rows.map((row) => row.id);
}

/** Writes an erasure that is wanted (anew): all its parts are open. */
export async function saveErasure(
  trx: Trx,
  erasure: LedgerEntry,
  conversationIds: readonly ConversationId[],
): Promise<void> {
  const { tenantId, id, customerId, requestedAt, requestedBy, completedAt, version } = erasure;
  await sql`
    insert into erasure (tenant_id, id, customer_id, requested_at, requested_by, completed_at, version)
    values (${tenantId}, ${id}, ${customerId}, ${requestedAt}, ${requestedBy}, ${completedAt}, ${version})
    on conflict (tenant_id, id) do update set requested_at = excluded.requested_at,
      requested_by = excluded.requested_by, completed_at = excluded.completed_at, version = excluded.version`.execute(
    trx,
  );
  await sql`
    insert into erasure_part (tenant_id, erasure_id, conversation_id, service)
    select ${tenantId}, ${id}, c, s from unnest(${conversationIds}::uuid[]) as c
      cross join unnest(${erasingServices}::text[]) as s
    on conflict (tenant_id, erasure_id, conversation_id, service) do update set erased_at = null, erased_rows = null`.execute(
    trx,
  );
}

export interface ErasedPart {
  readonly tenantId: TenantId;
  readonly erasureId: ErasureId;
  readonly conversationId: ConversationId;
  readonly service: ErasingService;
  readonly rows: ErasedRows;
}

/** Notes that a service has erased a conversation. The last part completes the erasure: hence the lock. */
export async function notePart(trx: Trx, part: ErasedPart, now: Date): Promise<void> {
  const { tenantId, erasureId, conversationId, service, rows } = part;
  await sql`select from erasure where tenant_id = ${tenantId} and id = ${erasureId} for update`.execute(trx);
  await sql`
    update erasure_part set erased_at = ${now}, erased_rows = ${JSON.stringify(rows)}::jsonb
    where tenant_id = ${tenantId} and erasure_id = ${erasureId} and conversation_id = ${conversationId}
      and service = ${service}`.execute(trx);
  await sql`
    update erasure set completed_at = ${now}
    where tenant_id = ${tenantId} and id = ${erasureId} and completed_at is null and not exists (
      select from erasure_part where tenant_id = ${tenantId} and erasure_id = ${erasureId} and erased_at is null)`.execute(
    trx,
  );
}

export interface PartRow {
  readonly service: ErasingService;
  readonly erasedAt: Date | null;
  readonly rows: ErasedRows | null;
}

export async function readParts(trx: Trx, { tenantId, id }: LedgerEntry): Promise<PartRow[]> {
  const { rows } = await sql<PartRow>`
    select service, erased_at as "erasedAt", erased_rows as rows from erasure_part
    where tenant_id = ${tenantId} and erasure_id = ${id} order by service, conversation_id`.execute(trx);
  return rows;
}

/** Erases who the customer of a conversation is, in the rows of this service. He is known by nothing any more. */
export async function eraseProfile(
  trx: Trx,
  {
    tenantId,
    conversationId,
    customerId,
  }: { tenantId: TenantId; conversationId: ConversationId; customerId: CustomerId },
): Promise<ErasedRows> {
  const { rows } = await sql<{ id: CustomerId }>`
    select customer_id as id from customer_identity
    where tenant_id = ${tenantId} and kind = 'conversation' and value = ${conversationId}`.execute(trx);
  const ids = [...new Set([customerId, ...rows.map((row) => row.id)])];
  const customers = await sql`
    update customer set display_name = null, locale = null, avatar_url = null
    where tenant_id = ${tenantId} and (id = any(${ids}::uuid[]) or merged_into = any(${ids}::uuid[]))`.execute(trx);
  const identities = await sql`
    delete from customer_identity where tenant_id = ${tenantId} and customer_id = any(${ids}::uuid[])`.execute(trx);
  // Words of messages that might have been order numbers: a phone number looks like one.
  const mentions = await sql`
    delete from conversation_mention
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and kind = 'text'`.execute(trx);
  return [
    { table: 'customer', count: Number(customers.numAffectedRows) },
    { table: 'customer_identity', count: Number(identities.numAffectedRows) },
    { table: 'conversation_mention', count: Number(mentions.numAffectedRows) },
  ];
}

/** The orders that name the buyer of a conversation. */
export async function ordersNamingBuyerOf(trx: Trx, tenantId: TenantId, conversationId: ConversationId) {
  const { rows } = await sql<{ id: string }>`
    select o.order_id as id from conversation_mention m
    join order_ref o on o.tenant_id = m.tenant_id and o.account_id = m.account_id and o.buyer_external_id = m.token
    where m.tenant_id = ${tenantId} and m.conversation_id = ${conversationId} and m.kind = 'buyer'`.execute(trx);
  return rows.map((row) => row.id);
}
