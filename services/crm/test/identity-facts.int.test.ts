import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { callHandlers, causedOutside } from '@crossdesk/service-kit';
import { aBuyer, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import fc from 'fast-check';
import { sql } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { linksConsumer } from '../src/consumers/links.consumer.ts';
import { decisionsAmong } from '../src/identity/decision.store.ts';
import { readRegion } from '../src/identity/region.store.ts';
import { regroup } from '../src/identity/regroup.commands.ts';
import { resolve } from '../src/identity/resolve.domain.ts';
import { createDesk } from './who-is-who.ts';

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

const { groupsOf, profilesOf, decide } = createDesk(() => crm);
const why = { reason: 'she told me on the phone' };
const channels = ['shopee', 'whatsapp', 'generic'] as const;

function decisionsOf(tenantId: TenantId) {
  return crm.runtime.db.asWorker(async (trx) => {
    const { rows } = await sql<{ id: CustomerId }>`select id from profile where tenant_id = ${tenantId}`.execute(trx);
    const ids = rows.map(({ id }) => id);
    return decisionsAmong(trx, tenantId, ids);
  });
}

const size = 7;
const fact = fc.record({
  n: fc.nat(size - 1),
  phone: fc.option(fc.nat(2), { nil: null }),
  email: fc.option(fc.constantFrom('a.b@gmail.com', 'ab+x@gmail.com', 'c@d.ee'), { nil: null }),
  commerceId: fc.option(fc.nat(1), { nil: null, freq: 2 }),
  name: fc.option(fc.constantFrom('Ana', 'Bo'), { nil: null }),
  day: fc.constantFrom('2025-09-01', '2026-01-01', '2026-01-20', '2026-03-01'),
});
const act = fc.record({
  a: fc.nat(size - 1),
  b: fc.nat(size - 1),
  verb: fc.constantFrom('mergeCustomers', 'keepApart'),
});

test('D24: after any facts and decisions customers are as if all were known at once, and undone decisions leave nothing', async () => {
  const accountIds = Array.from({ length: 3 }, () => newId<ChannelAccountId>());
  const consumer = linksConsumer({ ...crm.runtime, suppressionKey: Buffer.alloc(32), nudgeGate: () => undefined });
  let merges = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fact, { minLength: 2, maxLength: 12 }),
      fc.array(act, { maxLength: 4 }),
      async (facts, acts) => {
        const tenantId = newId<TenantId>();
        const conversations = Array.from({ length: size }, () => newId<ConversationId>());
        const events = facts.map(({ n, day, commerceId, ...buyer }) =>
          givenMessage({
            ...{
              tenantId,
              conversationId: conversations[n] ?? newId<ConversationId>(),
              accountId: accountIds[n % 3] ?? newId<ChannelAccountId>(),
            },
            ...{ channel: channels[n % 3] ?? 'generic', occurredAt: new Date(`${day}T10:00:00.000Z`) },
            buyer: {
              ...{
                ...aBuyer,
                externalId: `b-${n}`,
                commerceId: commerceId === null ? null : `c-${commerceId}`,
                name: buyer.name,
              },
              ...{ phone: buyer.phone === null ? null : `551198765432${buyer.phone}`, email: buyer.email },
            },
          }),
        );
        for (const event of events)
          await crm.runtime.db.asWorker((trx) => callHandlers(consumer, trx, [{ event, traceparent: null }]));
        const stored = () => groupsOf(tenantId);
        const atOnce = async () => {
          const region = await crm.runtime.db.asWorker(async (trx) => {
            const { rows } = await sql<{
              id: CustomerId;
            }>`select id from profile where tenant_id = ${tenantId}`.execute(trx);
            return readRegion(
              trx,
              tenantId,
              rows.map(({ id }) => id),
            );
          });
          const { customers } = resolve(region);
          const nameOf = ({ place }: { readonly place: string }) => place.split(' ')[1] ?? '';
          return [...Map.groupBy(region.profiles, ({ id }) => customers.get(id)).values()]
            .map((group) => group.map(nameOf).sort().join('+'))
            .sort();
        };
        const never = await stored();
        expect(never).toEqual(await atOnce());
        if (never.length < new Set(facts.map(({ n }) => n)).size) merges += 1;
        const ids = await profilesOf(tenantId);
        for (const { a, b, verb } of acts) {
          const [one, other] = [ids.get(`b-${a}`), ids.get(`b-${b}`)];
          if (one === undefined || other === undefined) continue;
          const pair =
            verb === 'keepApart'
              ? { profileId: one, otherProfileId: other }
              : { customerId: one, otherCustomerId: other };
          await decide(tenantId, verb, { ...pair, ...why });
          expect(await stored()).toEqual(await atOnce());
        }
        // Each decision is revoked, the last first.
        for (const { id, pair } of (await decisionsOf(tenantId)).toReversed()) {
          await crm.runtime.db.asWorker(async (trx) => {
            await sql`update identity_decision set revoked_at = now() where tenant_id = ${tenantId} and id = ${id}`.execute(
              trx,
            );
            await regroup(crm.runtime, trx, { tenantId, seeds: pair }, causedOutside({ kind: 'system', id: null }));
          });
          expect(await stored()).toEqual(await atOnce());
        }
        expect(await stored()).toEqual(never);
      },
    ),
    { numRuns: 12 },
  );
  expect(merges).toBeGreaterThan(2);
}, 120_000);
