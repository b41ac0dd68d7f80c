import { judge } from '@crossdesk/condition';
import { type CustomerId, newId, type TenantId } from '@crossdesk/contracts';
import { openHarness, type TestHarness } from '@crossdesk/testkit';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { conditionSql } from '../src/value/segment/condition-sql.ts';
import {
  type AboutCustomer,
  type CustomerCondition,
  type CustomerField,
  factsOf,
} from '../src/value/segment/customer-field.domain.ts';
import { dayMs } from '../src/value/stats/worth.domain.ts';

const now = new Date('2026-11-30T12:00:00.000Z');
const accounts = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
let harness: TestHarness;
let crm: CrmService;
beforeAll(async () => {
  harness = await openHarness();
  crm = await openCrm(harness.deps);
});
afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

const day = fc.option(
  fc.integer({ min: 0, max: 80 }).map((quarters) => new Date(now.getTime() - (quarters * dayMs) / 4)),
);
const some = <Value>(...values: Value[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 2 });
const customer: fc.Arbitrary<AboutCustomer> = fc.record({
  orderCount: fc.integer({ min: 0, max: 4 }),
  yearOrderCount: fc.integer({ min: 0, max: 4 }),
  firstOrderAt: day,
  lastOrderAt: day,
  skus: some('a', 'b', 'c'),
  regions: some('BR', 'TH'),
  currency: fc.constant('USD'),
  spentMinor: fc.bigInt({ min: 0n, max: 300n }),
  yearSpentMinor: fc.bigInt({ min: 0n, max: 300n }),
  tier: fc.constantFrom(null, 'GOLD', 'REST'),
  locale: fc.constantFrom(null, 'pt-BR', 'th', 'en'),
  accountIds: some(...accounts),
  tags: some('vip', 'slow'),
});

const number = (field: CustomerField, values: readonly string[]) =>
  fc.record({
    kind: fc.constant('leaf' as const),
    field: fc.constant(field),
    op: fc.constantFrom('at-least' as const, 'at-most' as const),
    values: fc.constantFrom(...values).map((value) => [value]),
  });
const word = (field: CustomerField, values: readonly string[]) =>
  fc.record({
    kind: fc.constant('leaf' as const),
    field: fc.constant(field),
    op: fc.constant('in' as const),
    values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
  });
const leaf = fc.oneof(
  ...(['orders.count', 'orders.yearCount'] as const).map((field) => number(field, ['0', '1', '1.5', '2', '3'])),
  ...(['orders.daysSinceFirst', 'orders.daysSinceLast'] as const).map((field) =>
    number(field, ['0', '4.5', '5', '10', '20']),
  ),
  ...(['spend.total', 'spend.year'] as const).map((field) => number(field, ['0', '0.5', '1.25', '1.255', '2'])),
  word('orders.sku', ['a', 'b', 'z']),
  word('customer.region', ['BR', 'US']),
  word('customer.language', ['pt', 'th', 'fr']),
  word('customer.account', accounts),
  word('customer.tier', ['GOLD', 'OTHER']),
  word('customer.tag', ['vip', 'other']),
);
const { condition } = fc.letrec<{ condition: CustomerCondition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constant('not' as const), of: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('condition'), { maxLength: 3 }),
    }),
  ),
}));

/** Writes customers as the service would have derived them. */
async function store(tenantId: TenantId, customers: readonly AboutCustomer[]): Promise<CustomerId[]> {
  const ids = customers.map(() => newId<CustomerId>());
  await crm.runtime.db.asWorker(async (trx) => {
    for (const [n, one] of customers.entries()) {
      const id = ids[n] ?? '';
      await sql`insert into profile (tenant_id, id, customer_id, locale, profiled_at, first_seen_at)
        values (${tenantId}, ${id}, ${id}, ${one.locale}, ${now}, ${now})`.execute(trx);
      await sql`insert into customer_stats (tenant_id, customer_id, order_count, year_order_count, currency, spent_minor,
          year_spent_minor, first_order_at, last_order_at, regions, skus, tier, version)
        values (${tenantId}, ${id}, ${one.orderCount}, ${one.yearOrderCount}, ${one.currency}, ${String(one.spentMinor)}::bigint,
          ${String(one.yearSpentMinor)}::bigint, ${one.firstOrderAt}, ${one.lastOrderAt}, ${one.regions}::text[],
          ${one.skus}::text[], ${one.tier}, 1)`.execute(trx);
      for (const tag of one.tags)
        await sql`insert into customer_tag (tenant_id, customer_id, tag, name, since)
          values (${tenantId}, ${id}, ${tag}, ${tag}, ${now})`.execute(trx);
      for (const account of one.accountIds)
        await sql`insert into customer_identity
          (tenant_id, kind, account_id, value, profile_id, customer_id, first_seen_at, last_seen_on)
          values (${tenantId}, 'platform', ${account}, ${id}, ${id}, ${id}, ${now}, ${now})`.execute(trx);
    }
  });
  return ids;
}

test('a condition finds in SQL whom it finds in memory, and does not know what it does not know there', async () => {
  const customers = fc.sample(customer, 60);
  const tenantId = newId<TenantId>();
  const ids = await store(tenantId, customers);
  await crm.runtime.db.asWorker((trx) =>
    fc.assert(
      fc.asyncProperty(condition, async (asked) => {
        const { rows } = await sql<{ id: CustomerId; verdict: boolean | null }>`
          select c.id, ${conditionSql(asked, { currency: 'USD', now })} as verdict
          from profile c left join customer_stats s on s.tenant_id = c.tenant_id and s.customer_id = c.id
          where c.tenant_id = ${tenantId}`.execute(trx);
        const found = new Map(rows.map((row) => [row.id, row.verdict]));
        const inSql = ids.map((id) => found.get(id));
        const inMemory = customers.map((one) => judge(asked, factsOf(one, now)).verdict);
        expect(inSql).toEqual(inMemory.map((verdict) => ({ TRUE: true, FALSE: false, UNKNOWN: null })[verdict]));
      }),
      { numRuns: 300 },
    ),
  );
});
