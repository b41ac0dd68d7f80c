import type { Channel } from '@crossdesk/channels';
import type { HttpMethod } from '@crossdesk/channels/adapters';
import { newId, type TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { WebhookAddressId } from '../ids.ts';

type ParkedSource = Row<'parked_webhook'>['source'];
/** The lists whose elements are parked one by one. */
export type ListSource = Exclude<ParkedSource, 'webhook'>;

export interface ParkedToInsert {
  readonly tenantId: TenantId;
  readonly addressId: WebhookAddressId;
  readonly channel: Channel;
  readonly source: ParkedSource;
  readonly rawId: string;
  /** The place of the element in the body; "" for the whole body. */
  readonly at: string;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly reason: string;
  /** A replay continues with this part. */
  readonly from: number;
}

const reasonCharactersMax = 500;

export async function insertParked(trx: Trx, parked: readonly ParkedToInsert[]): Promise<void> {
  if (parked.length === 0) return;
  await trx
    .insertInto('parked_webhook')
    .values(
      parked.map((one) => ({
        tenant_id: one.tenantId,
        id: newId(),
        address_id: one.addressId,
        channel: one.channel,
        source: one.source,
        raw_id: one.rawId,
        at: one.at,
        method: one.method,
        headers: JSON.stringify(one.headers),
        query: JSON.stringify(one.query),
        reason: one.reason.slice(0, reasonCharactersMax),
        from_part: one.from,
      })),
    )
    .execute();
}

/** A parked delivery with its bytes. */
export type ParkedRow = Omit<Row<'parked_webhook'>, 'tenant_id' | 'parked_at' | 'discarded_at'> &
  Pick<Row<'raw_payload'>, 'body' | 'received_at'>;

const columns = sql`p.id, p.address_id, p.channel, p.source, p.raw_id, p.at, p.from_part, p.method, p.headers, p.query, p.reason,
  r.received_at, p.replayed_at`;

/** A list must not load a hundred bodies of 3 MB: of a longer one it gets the beginning. */
const listedBytesMax = 128 * 1024;

/** Parked deliveries that were neither replayed nor discarded yet, newest first, with the beginning of their bytes. */
export async function listParked(
  trx: Trx,
  tenantId: TenantId,
  first: number,
  after: Keyset | null,
): Promise<ParkedRow[]> {
  const { rows } = await sql<ParkedRow>`
    select ${columns}, substring(r.body for ${listedBytesMax}) as body from parked_webhook p
    join raw_payload r on r.tenant_id = p.tenant_id and r.id = p.raw_id
    where p.tenant_id = ${tenantId} and p.replayed_at is null and p.discarded_at is null and (${after?.id ?? null}::uuid is null or p.id < ${after?.id ?? null}::uuid)
    order by p.id desc limit ${first + 1}`.execute(trx);
  return rows;
}

export function countParked(trx: Trx, tenantId: TenantId): Promise<number> {
  return countRows(
    trx,
    sql`select 1 from parked_webhook where tenant_id = ${tenantId} and replayed_at is null and discarded_at is null`,
  );
}

export async function lockParked(trx: Trx, tenantId: TenantId, id: string): Promise<ParkedRow | null> {
  const { rows } = await sql<ParkedRow>`
    select ${columns}, r.body from parked_webhook p
    join raw_payload r on r.tenant_id = p.tenant_id and r.id = p.raw_id
    where p.tenant_id = ${tenantId} and p.id = ${id} and p.discarded_at is null for update of p`.execute(trx);
  return rows[0] ?? null;
}

export async function markReplayed(trx: Trx, tenantId: TenantId, id: string, at: Date): Promise<void> {
  await trx
    .updateTable('parked_webhook')
    .set({ replayed_at: at })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

/** The next parts of the delivery are recorded; the rest stays parked. */
export async function continueParked(
  trx: Trx,
  tenantId: TenantId,
  id: string,
  { from, reason }: { readonly from: number; readonly reason: string },
): Promise<void> {
  await trx
    .updateTable('parked_webhook')
    .set({ from_part: from, reason })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}

/** Nobody wants the element. Its bytes go, unless another parked element is in them. */
export async function discardParked(trx: Trx, tenantId: TenantId, parked: ParkedRow, at: Date): Promise<void> {
  await trx
    .updateTable('parked_webhook')
    .set({ discarded_at: at })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', parked.id)
    .execute();
  await sql`
    update raw_payload r set body = '' where r.tenant_id = ${tenantId} and r.id = ${parked.raw_id} and not exists (
      select from parked_webhook p where p.tenant_id = r.tenant_id and p.raw_id = r.id
        and p.replayed_at is null and p.discarded_at is null)`.execute(trx);
}
