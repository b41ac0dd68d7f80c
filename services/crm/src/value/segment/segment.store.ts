import type { AgentId, CustomerId, SegmentId, TenantId } from '@crossdesk/contracts';
import type { Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { faceOf } from '../../customer/face.ts';
import type { DB, Row } from '../../db.ts';
import { customersMatching } from '../../customer/customer-list.store.ts';
import { conditionSql } from './condition-sql.ts';
import type { CustomerCondition } from './customer-field.domain.ts';

type Trx = Transaction<DB>;

/** A group of customers, by what they have in common. Who is in it is looked up whenever somebody asks. */
export interface Segment {
  readonly tenantId: TenantId;
  readonly id: SegmentId;
  readonly name: string;
  readonly condition: CustomerCondition;
  readonly version: number;
  readonly updatedBy: AgentId;
  readonly updatedAt: Date;
}

export async function readSegments(trx: Trx, tenantId: TenantId): Promise<Segment[]> {
  const rows = await trx.selectFrom('segment').selectAll().where('tenant_id', '=', tenantId).orderBy('name').execute();
  return rows.map(toSegment);
}

/** Makes changes of the segments of a workspace wait for each other. */
export async function lockSegments(trx: Trx, tenantId: TenantId): Promise<Segment[]> {
  await sql`select pg_advisory_xact_lock(hashtext('crm.segments'), hashtext(${tenantId}))`.execute(trx);
  return readSegments(trx, tenantId);
}

function toSegment(row: Row<'segment'>): Segment {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    name: row.name,
    condition: row.condition,
    version: row.version,
    updatedBy: row.updated_by,
    updatedAt: row.updated_at,
  };
}

export async function storeSegment(trx: Trx, segment: Segment): Promise<void> {
  const values = {
    name: segment.name,
    condition: JSON.stringify(segment.condition),
    version: segment.version,
    updated_by: segment.updatedBy,
    updated_at: segment.updatedAt,
  };
  await trx
    .insertInto('segment')
    .values({ tenant_id: segment.tenantId, id: segment.id, ...values })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(values))
    .execute();
}

export async function deleteSegmentRow(trx: Trx, tenantId: TenantId, id: SegmentId): Promise<void> {
  await trx.deleteFrom('segment').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}

/** Which customers are asked for. */
export interface CustomerScope {
  readonly tenantId: TenantId;
  /** Null: all. */
  readonly condition: CustomerCondition | null;
  /** A name or contact to look for; empty: all. */
  readonly text: string;
  readonly currency: string;
  readonly now: Date;
}

type ListedCustomer = Pick<Row<'profile'>, 'id' | 'display_name' | 'locale' | 'avatar_url' | 'first_seen_at'> & {
  readonly asked_id: CustomerId;
};

/** A page of customers, the latest known first, and one more. */
export async function listCustomers(
  trx: Trx,
  scope: CustomerScope,
  { first, after }: { readonly first: number; readonly after: Keyset | null },
): Promise<ListedCustomer[]> {
  const behind = after === null ? sql`` : sql`and c.id < ${after.id}::uuid`;
  const { rows } = await sql<ListedCustomer>`
    select c.id as asked_id, c.id, face.*
    from (select c.tenant_id, c.id, c.customer_id ${customersIn(scope)} ${behind} order by c.id desc limit ${first + 1}) as c
    cross join lateral (${faceOf(sql`c`)}) as face order by c.id desc`.execute(trx);
  return rows;
}

/** The rows that are counted, for `countRows`. */
export function customersIn({ tenantId, condition, text, ...place }: CustomerScope): RawBuilder<unknown> {
  const holds = condition === null ? sql`` : sql`and ${conditionSql(condition, place)}`;
  return sql`
    from profile c left join customer_stats s on s.tenant_id = c.tenant_id and s.customer_id = c.id
    where ${customersMatching(tenantId, text)} ${holds}`;
}
