import { type RawBuilder, sql } from 'kysely';

/**
 * How a customer is shown, as columns display_name, locale, avatar_url and first_seen_at: the latest that any of their
 * profiles told. `customer` is the alias of their row in `profile`.
 */
export function faceOf(customer: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select ${latest('display_name')}, ${latest('locale')}, ${latest('avatar_url')},
      min(told.first_seen_at) as first_seen_at
    from profile told where told.tenant_id = ${customer}.tenant_id and told.customer_id = ${customer}.customer_id`;
}

function latest(column: 'display_name' | 'locale' | 'avatar_url'): RawBuilder<unknown> {
  const told = sql.ref(`told.${column}`);
  return sql`(array_agg(${told} order by told.profiled_at desc, told.id) filter (where ${told} is not null))[1]
    as ${sql.ref(column)}`;
}
