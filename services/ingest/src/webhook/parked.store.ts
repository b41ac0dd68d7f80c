import type { Channel } from '@crossdesk/channels';
import type { HttpMethod } from '@crossdesk/channels/adapters';
import { newId, type TenantId } from '@crossdesk/contracts';
import type { Keyset } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { WebhookAddressId } from '../ids.ts';

export type ParkedSource = Row<'parked_webhook'>['source'];

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
      })),
    )
    .execute();
}

/** A parked delivery with its bytes. */
export type ParkedRow = Omit<Row<'parked_webhook'>, 'tenant_id' | 'parked_at'> &
  Pick<Row<'raw_payload'>, 'body' | 'received_at'>;

const columns = sql`p.id, p.address_id, p.channel, p.source, p.raw_id, p.at, p.method, p.headers, p.query, p.reason, r.body, r.received_at,
  p.replayed_at`;

/** Parked deliveries that were not replayed yet, newest first. */
export async function listParked(
  trx: Trx,
  tenantId: TenantId,
  first: number,
  after: Keyset | null,
): Promise<ParkedRow[]> {
  const { rows } = await sql<ParkedRow>`
    select ${columns} from parked_webhook p
    join raw_payload r on r.tenant_id = p.tenant_id and r.id = p.raw_id
    where p.tenant_id = ${tenantId} and p.replayed_at is null and (${after?.id ?? null}::uuid is null or p.id < ${after?.id ?? null}::uuid)
    order by p.id desc limit ${first + 1}`.execute(trx);
  return rows;
}

export async function lockParked(trx: Trx, tenantId: TenantId, id: string): Promise<ParkedRow | null> {
  const { rows } = await sql<ParkedRow>`
    select ${columns} from parked_webhook p
    join raw_payload r on r.tenant_id = p.tenant_id and r.id = p.raw_id
    where p.tenant_id = ${tenantId} and p.id = ${id} for update of p`.execute(trx);
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
