import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import { Pool } from 'pg';
import { dropExpired } from '../src/broker/embedded-retention.ts';

let harness: TestHarness;
let admin: Pool;
beforeAll(async () => {
  harness = await openHarness();
  admin = new Pool({ connectionString: harness.databaseUrl, max: 1, options: '-c search_path=broker' });
});
afterAll(async () => {
  await admin.end();
  await harness.close();
});

test('records older than the retention of their topic are dropped, and the earliest position moves past them', async () => {
  const [tenantId, conversationId] = [newId<TenantId>(), newId<ConversationId>()];
  const messages = Array.from({ length: 3 }, () => givenMessage({ tenantId, conversationId }));
  await harness.publish(...messages);
  await admin.query(
    `update record set recorded_at = now() - interval '31 days' where topic = 'ingest.inbound' and position < 2`,
  );
  await dropExpired(admin);
  await dropExpired(admin);
  const { rows } = await admin.query(`select position::int from record where topic = 'ingest.inbound'`);
  expect(rows).toEqual([{ position: 2 }]);
  const bounds = [...(await harness.broker.bounds('ingest.inbound')).values()].filter(({ next }) => next > 0n);
  expect(bounds).toEqual([{ earliest: 2n, next: 3n }]);
});
