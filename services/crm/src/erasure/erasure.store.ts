import type { ConversationId, CustomerId, ErasedRows, ErasureId, OrderId, TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { eraseConsents } from '../consent/consent.store.ts';
import { everywhere } from '../customer/identity.domain.ts';
import type { DB, Row } from '../db.ts';
import { readRegion } from '../identity/region.store.ts';
import { eraseOutreach } from '../outreach/outreach.store.ts';
import { type ErasingService, erasingServices, type LedgerEntry } from './erasure.domain.ts';

type Trx = Transaction<DB>;

export async function findErasureOf(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<LedgerEntry | null> {
  const row = await erasuresOf(trx, tenantId).where('customer_id', '=', customerId).executeTakeFirst();
  return row === undefined ? null : toEntry(row);
}

export async function readErasures(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ErasureId[],
): Promise<Map<ErasureId, LedgerEntry>> {
  const rows = await erasuresOf(trx, tenantId).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, toEntry(row)]));
}

function erasuresOf(trx: Trx, tenantId: TenantId) {
  return trx.selectFrom('erasure').selectAll().where('tenant_id', '=', tenantId);
}

function toEntry(row: Row<'erasure'>): LedgerEntry {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    customerId: row.customer_id,
    profileIds: row.profile_ids,
    requestedAt: row.requested_at,
    requestedBy: row.requested_by,
    completedAt: row.completed_at,
    version: row.version,
  };
}

/** The conversations of the customer, and those of an earlier erasure of the customer. */
export async function conversationsToErase(
  trx: Trx,
  { tenantId, id, profileIds }: LedgerEntry,
): Promise<ConversationId[]> {
  const { rows } = await sql<Pick<Row<'erasure_part'>, 'conversation_id'>>`
    select value::uuid as conversation_id from customer_identity
    where tenant_id = ${tenantId} and profile_id = any(${profileIds}::uuid[]) and kind = 'conversation'
    union select conversation_id from erasure_part where tenant_id = ${tenantId} and erasure_id = ${id}
    order by conversation_id`.execute(trx);
  return rows.map((row) => row.conversation_id);
}

/** Writes a new or repeated erasure: all its parts are open. */
export async function saveErasure(
  trx: Trx,
  erasure: LedgerEntry,
  conversationIds: readonly ConversationId[],
): Promise<void> {
  const { tenantId, id, customerId, requestedAt, requestedBy, completedAt, version } = erasure;
  const wanted = {
    ...{ requested_at: requestedAt, requested_by: requestedBy, completed_at: completedAt, version },
    profile_ids: [...erasure.profileIds],
  };
  await trx
    .insertInto('erasure')
    .values({ tenant_id: tenantId, id, customer_id: customerId, ...wanted })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(wanted))
    .execute();
  const parts = conversationIds.flatMap((conversationId) =>
    erasingServices.map((service) => ({
      tenant_id: tenantId,
      erasure_id: id,
      conversation_id: conversationId,
      service,
    })),
  );
  if (parts.length === 0) return;
  const key = ['tenant_id', 'erasure_id', 'conversation_id', 'service'] as const;
  await trx
    .insertInto('erasure_part')
    .values(parts)
    .onConflict((clash) => clash.columns(key).doUpdateSet({ erased_at: null, erased_rows: null }))
    .execute();
}

export interface ErasedPart {
  readonly tenantId: TenantId;
  readonly erasureId: ErasureId;
  readonly conversationId: ConversationId;
  readonly service: ErasingService;
  readonly rows: ErasedRows;
}

/** Records that a service has erased a conversation. The row is locked because the last part completes the erasure. */
export async function notePart(trx: Trx, part: ErasedPart, now: Date): Promise<void> {
  const { tenantId, erasureId, conversationId, service, rows } = part;
  await erasuresOf(trx, tenantId).where('id', '=', erasureId).forUpdate().execute();
  const parts = trx.updateTable('erasure_part').where('tenant_id', '=', tenantId).where('erasure_id', '=', erasureId);
  await parts
    .set({ erased_at: now, erased_rows: JSON.stringify(rows) })
    .where('conversation_id', '=', conversationId)
    .where('service', '=', service)
    .execute();
  const open = trx
    .selectFrom('erasure_part')
    .select('service')
    .where('tenant_id', '=', tenantId)
    .where('erasure_id', '=', erasureId)
    .where('erased_at', 'is', null);
  await trx
    .updateTable('erasure')
    .set({ completed_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', erasureId)
    .where('completed_at', 'is', null)
    .where(({ exists, not }) => not(exists(open)))
    .execute();
}

export interface Part {
  readonly service: ErasingService;
  readonly erasedAt: Date | null;
  readonly rows: ErasedRows | null;
}

export async function readParts(trx: Trx, { tenantId, id }: LedgerEntry): Promise<Part[]> {
  const rows = await trx
    .selectFrom('erasure_part')
    .select(['service', 'erased_at', 'erased_rows'])
    .where('tenant_id', '=', tenantId)
    .where('erasure_id', '=', id)
    .orderBy('service')
    .orderBy('conversation_id')
    .execute();
  return rows.map((row) => ({ service: row.service, erasedAt: row.erased_at, rows: row.erased_rows }));
}

/** Whom an erasure concerns: the profiles that it names, and whoever is known by the conversation. */
export async function profilesToErase(
  trx: Trx,
  { tenantId, erasureId, conversationId }: Pick<ErasedPart, 'tenantId' | 'erasureId' | 'conversationId'>,
): Promise<CustomerId[]> {
  const { rows } = await sql<{ id: CustomerId }>`
    select unnest(profile_ids) as id from erasure where tenant_id = ${tenantId} and id = ${erasureId}
    union
    select profile_id from customer_identity
    where tenant_id = ${tenantId} and kind = 'conversation' and account_id = ${everywhere}::uuid
      and value = ${conversationId}`.execute(trx);
  return rows.map(({ id }) => id);
}

/** Those who may be other customers once these profiles are gone. */
export async function othersNear(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]): Promise<CustomerId[]> {
  const { profiles } = await readRegion(trx, tenantId, ids);
  const gone = new Set(ids);
  return profiles.map(({ id }) => id).filter((id) => !gone.has(id));
}

/** Erases what profiles were known by and how they were shown. Nothing identifies the buyer afterwards. */
export async function eraseProfiles(
  trx: Trx,
  { tenantId, customerId, ids }: { tenantId: TenantId; customerId: CustomerId; ids: readonly CustomerId[] },
): Promise<ErasedRows> {
  const counted = async (table: string, statement: RawBuilder<unknown>) => {
    const { numAffectedRows } = await statement.execute(trx);
    return { table, count: Number(numAffectedRows ?? 0) };
  };
  const them = sql`any(${ids}::uuid[])`;
  return [
    await counted(
      'profile',
      sql`update profile set display_name = null, locale = null, avatar_url = null, is_erased = true,
        customer_id = ${customerId} where tenant_id = ${tenantId} and id = ${them}`,
    ),
    await counted(
      'blocked_key',
      sql`delete from blocked_key b using customer_identity i
        where i.tenant_id = ${tenantId} and i.profile_id = ${them} and b.tenant_id = i.tenant_id and b.kind = i.kind
          and b.value = i.value
          and not exists (select from customer_identity other
            where other.tenant_id = b.tenant_id and other.kind = b.kind and other.value = b.value
              and other.profile_id <> all(${ids}::uuid[]))`,
    ),
    await counted(
      'customer_identity',
      sql`delete from customer_identity where tenant_id = ${tenantId} and profile_id = ${them}`,
    ),
    await counted(
      'identity_decision',
      sql`delete from identity_decision where tenant_id = ${tenantId} and (profile_a = ${them} or profile_b = ${them})`,
    ),
    await counted(
      'merge_proposal',
      sql`delete from merge_proposal where tenant_id = ${tenantId} and (profile_a = ${them} or profile_b = ${them})`,
    ),
  ];
}

/** Erases the words of a conversation that might be order numbers (a phone number looks like one), and what was said and derived of its buyer. */
export async function eraseFacts(
  trx: Trx,
  { tenantId, conversationId, ids }: { tenantId: TenantId; conversationId: ConversationId; ids: readonly CustomerId[] },
): Promise<ErasedRows> {
  const mentions = await trx
    .deleteFrom('conversation_mention')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('kind', '=', 'text')
    .executeTakeFirst();
  return [
    { table: 'consent', count: await eraseConsents(trx, tenantId, ids) },
    { table: 'outreach', count: await eraseOutreach(trx, tenantId, ids) },
    ...(await eraseWorth(trx, tenantId, ids, conversationId)),
    { table: 'conversation_mention', count: Number(mentions.numDeletedRows) },
  ];
}

/** The orders that name the buyer of a conversation. */
export async function ordersNamingBuyerOf(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<OrderId[]> {
  const rows = await trx
    .selectFrom('conversation_mention as m')
    .innerJoin('order_ref as o', (join) =>
      join
        .onRef('o.tenant_id', '=', 'm.tenant_id')
        .onRef('o.account_id', '=', 'm.account_id')
        .onRef('o.buyer_external_id', '=', 'm.token'),
    )
    .select('o.order_id')
    .where('m.tenant_id', '=', tenantId)
    .where('m.conversation_id', '=', conversationId)
    .where('m.kind', '=', 'buyer')
    .execute();
  return rows.map((row) => row.order_id);
}

/** What was derived and said of the customers, and where the orders of the buyer went. */
async function eraseWorth(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CustomerId[],
  conversationId: ConversationId,
): Promise<ErasedRows> {
  const erased: { table: string; count: number }[] = [];
  const ofThem = sql`tenant_id = ${tenantId} and customer_id = any(${ids}::uuid[])`;
  for (const table of ['customer_tag', 'customer_stats', 'tier_history', 'tier_run_row'] as const) {
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ${ofThem}`.execute(trx);
    erased.push({ table, count: Number(numAffectedRows ?? 0) });
  }
  const said = await sql`
    delete from tag_fact f using profile p
    where f.tenant_id = ${tenantId} and p.tenant_id = f.tenant_id and p.id = f.profile_id
      and (p.id = any(${ids}::uuid[]) or p.customer_id = any(${ids}::uuid[]))`.execute(trx);
  const orders = await ordersNamingBuyerOf(trx, tenantId, conversationId);
  const regions = await sql`
    update order_ref set region = null where tenant_id = ${tenantId} and order_id = any(${orders}::uuid[])
      and region is not null`.execute(trx);
  return [
    ...erased,
    { table: 'tag_fact', count: Number(said.numAffectedRows ?? 0) },
    { table: 'order_ref', count: Number(regions.numAffectedRows ?? 0) },
  ];
}
