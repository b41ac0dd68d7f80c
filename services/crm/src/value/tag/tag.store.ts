import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { latestFacts, type TagFact } from './tag.domain.ts';

type Trx = Transaction<DB>;

/** The customer that an id leads to; null if the caller sees none. */
export async function livingId(trx: Trx, tenantId: TenantId, asked: CustomerId): Promise<CustomerId | null> {
  const row = await trx
    .selectFrom('profile')
    .select('customer_id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', asked)
    .executeTakeFirst();
  return row?.customer_id ?? null;
}

export async function factsAbout(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<TagFact[]> {
  const rows = await trx
    .selectFrom('profile as p')
    .innerJoin('tag_fact as f', (join) =>
      join.onRef('f.tenant_id', '=', 'p.tenant_id').onRef('f.profile_id', '=', 'p.id'),
    )
    .select(['f.tag', 'f.name', 'f.is_set', 'f.said_by', 'f.said_at'])
    .where('p.tenant_id', '=', tenantId)
    .where('p.customer_id', '=', customerId)
    .execute();
  return latestFacts(
    rows.map((row) => ({
      ...{ tag: row.tag, name: row.name, isSet: row.is_set },
      ...{ saidBy: row.said_by, saidAt: row.said_at },
    })),
  );
}

export async function tagsShownOf(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<string[]> {
  const rows = await trx
    .selectFrom('customer_tag')
    .select('tag')
    .where('tenant_id', '=', tenantId)
    .where('customer_id', '=', customerId)
    .execute();
  return rows.map(({ tag }) => tag);
}

/** Stores what somebody said of a customer, on their oldest profile. */
export async function saveFact(
  trx: Trx,
  { tenantId, customerId }: { readonly tenantId: TenantId; readonly customerId: CustomerId },
  { tag, name, isSet, saidBy, saidAt }: TagFact,
): Promise<void> {
  await sql`
    insert into tag_fact (tenant_id, profile_id, tag, name, is_set, said_by, said_at)
    values (${tenantId}, ${customerId}, ${tag}, ${name}, ${isSet}, ${saidBy}, ${saidAt})
    on conflict (tenant_id, profile_id, tag) do update
    set name = excluded.name, is_set = excluded.is_set, said_by = excluded.said_by, said_at = excluded.said_at`.execute(
    trx,
  );
}

/** The tags of customers, in the order of their names. */
export async function readCustomerTags(trx: Trx, tenantId: TenantId, customerIds: readonly CustomerId[]) {
  return trx
    .selectFrom('customer_tag')
    .select(['customer_id', 'tag', 'name', 'agent_id', 'rule_id', 'reason', 'since'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`customer_id = any(${customerIds}::uuid[])`)
    .orderBy('tag')
    .execute();
}
