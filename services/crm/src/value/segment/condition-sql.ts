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
    default: {
      const number = numberSql(field, place);
      const limit = sql`${values[0] ?? '0'}::numeric`;
      return op === 'at-least' ? sql`${number} >= ${limit}` : sql`${number} <= ${limit}`;
    }
  }
}

type NumberField = Exclude<
  CustomerField,
  'orders.sku' | `customer.${'region' | 'account' | 'tag' | 'tier' | 'language'}`
>;

function numberSql(field: NumberField, { currency, now }: Place): RawBuilder<unknown> {
  const units = sql`power(10::numeric, ${minorDigitsOf(currency) ?? 2}::integer)`;
  const days = (at: RawBuilder<unknown>) => sql`floor(extract(epoch from ${now}::timestamptz - ${at}) / 86400)`;
  switch (field) {
    case 'orders.count':
      return sql`coalesce(s.order_count, 0)`;
    case 'orders.yearCount':
      return sql`coalesce(s.year_order_count, 0)`;
    case 'spend.total':
      return sql`coalesce(s.spent_minor, 0) / ${units}`;
    case 'spend.year':
      return sql`coalesce(s.year_spent_minor, 0) / ${units}`;
    case 'orders.daysSinceFirst':
      return days(sql`s.first_order_at`);
    case 'orders.daysSinceLast':
      return days(sql`s.last_order_at`);
  }
}

/** The numbers of days that a condition compares with. */
export function dayLimitsOf(condition: Condition<CustomerField>): number[] {
  return leavesOf(condition).flatMap(({ leaf: { field, values } }) =>
    field === 'orders.daysSinceFirst' || field === 'orders.daysSinceLast' ? values.map(Number) : [],
  );
}
