import { type Condition, leavesOf } from '@crossdesk/condition';
import { minorDigitsOf } from '@crossdesk/contracts';
import { type RawBuilder, sql } from 'kysely';
import { faceOf } from '../../customer/face.ts';
import type { CustomerCondition, CustomerField } from './customer-field.domain.ts';

interface Place {
  readonly currency: string;
  readonly now: Date;
}

/**
 * A condition as an expression over `profile c` left joined with `customer_stats s`. It is true, false or NULL exactly
 * where `judge` answers TRUE, FALSE or UNKNOWN (`condition-sql.int.test.ts`).
 */
export function conditionSql(condition: CustomerCondition, place: Place): RawBuilder<boolean> {
  switch (condition.kind) {
    case 'leaf':
      return leafSql(condition, place);
    case 'not':
      return sql`not (${conditionSql(condition.of, place)})`;
    case 'all':
      return series(condition.of, place, sql` and `, sql`true`);
    case 'any':
      return series(condition.of, place, sql` or `, sql`false`);
  }
}

function series(
  parts: readonly CustomerCondition[],
  place: Place,
  word: RawBuilder<unknown>,
  empty: RawBuilder<boolean>,
): RawBuilder<boolean> {
  if (parts.length === 0) return empty;
  return sql`(${sql.join(
    parts.map((part) => sql`(${conditionSql(part, place)})`),
    word,
  )})`;
}

type Leaf = Extract<CustomerCondition, { readonly kind: 'leaf' }>;

function leafSql({ field, op, values }: Leaf, place: Place): RawBuilder<boolean> {
  switch (field) {
    case 'orders.sku':
      return sql`coalesce(s.skus, '{}') && ${values}::text[]`;
    case 'customer.region':
      return sql`coalesce(s.regions, '{}') && ${values}::text[]`;
    case 'customer.account':
      return sql`exists (select from customer_identity i where i.tenant_id = c.tenant_id and i.customer_id = c.id
        and i.kind in ('platform', 'platform_commerce') and i.account_id = any(${values}::uuid[]))`;
    case 'customer.tag':
      return sql`exists (select from customer_tag t where t.tenant_id = c.tenant_id and t.customer_id = c.id
        and t.tag = any(${values}::text[]))`;
    case 'customer.tier':
      return sql`s.tier = any(${values}::text[])`;
    case 'customer.language':
      return sql`(select lower(split_part(face.locale, '-', 1)) from (${faceOf(sql`c`)}) as face) = any(${values}::text[])`;
    default:
      return numberSql(field, { isLeast: op === 'at-least', limit: sql`${values[0] ?? '0'}::numeric` }, place);
  }
}

type NumberField = Exclude<
  CustomerField,
  'orders.sku' | `customer.${'region' | 'account' | 'tag' | 'tier' | 'language'}`
>;

interface Comparison {
  readonly isLeast: boolean;
  readonly limit: RawBuilder<unknown>;
}

/**
 * The limit is brought into the unit of the column once: a conversion of each row would take longer than to read it. Columns
 * are whole numbers, so that a limit between two of them means the next one.
 */
function numberSql(field: NumberField, { isLeast, limit }: Comparison, { currency, now }: Place): RawBuilder<boolean> {
  const compared = (column: RawBuilder<unknown>, value: RawBuilder<unknown>) =>
    isLeast ? sql<boolean>`${column} >= ceil(${value})::bigint` : sql<boolean>`${column} <= floor(${value})::bigint`;
  const minor = sql`${limit} * ${10 ** (minorDigitsOf(currency) ?? 2)}::integer`;
  const day = sql`interval '86400 seconds'`;
  // A day that has not passed is none: at most two days is less than three.
  const since = (at: RawBuilder<unknown>) =>
    isLeast
      ? sql<boolean>`${at} <= ${now}::timestamptz - ceil(${limit})::integer * ${day}`
      : sql<boolean>`${at} > ${now}::timestamptz - (floor(${limit})::integer + 1) * ${day}`;
  switch (field) {
    case 'orders.count':
      return compared(sql`coalesce(s.order_count, 0)`, limit);
    case 'orders.yearCount':
      return compared(sql`coalesce(s.year_order_count, 0)`, limit);
    case 'spend.total':
      return compared(sql`coalesce(s.spent_minor, 0)`, minor);
    case 'spend.year':
      return compared(sql`coalesce(s.year_spent_minor, 0)`, minor);
    case 'orders.daysSinceFirst':
      return since(sql`s.first_order_at`);
    case 'orders.daysSinceLast':
      return since(sql`s.last_order_at`);
  }
}

/** The numbers of days that a condition compares with. */
export function dayLimitsOf(condition: Condition<CustomerField>): number[] {
  return leavesOf(condition).flatMap(({ leaf: { field, values } }) =>
    field === 'orders.daysSinceFirst' || field === 'orders.daysSinceLast' ? values.map(Number) : [],
  );
}
