import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { eventually, type Figures } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { connectGeneric, type GenericSeller, startGenericSeller } from './generic-seller.ts';
import { conversationOf, openPlatforms, type Platforms, replyTo, statusOf } from './platforms.ts';

let here: Platforms;
let seller: GenericSeller;
const tenantId = newId<TenantId>();

beforeAll(async () => {
  here = await openPlatforms('metrics');
  seller = await startGenericSeller(here.ingest);
  await connectGeneric(here.ingest, seller, tenantId);
});
afterAll(async () => {
  await seller.close();
  await here.close();
});

const figures = (): Promise<Figures> => here.figures();

test('every delivery is counted by outcome, and acknowledged ones also with their time', async () => {
  const signed = seller.message({ conversationKey: 'talk', externalId: 'first', text: 'hi' });
  await seller.deliver(signed);
  await seller.deliver(seller.sign('{"type":"message.created","data":{}}'));
  await seller.deliver({ ...signed, body: `${signed.body} ` });
  await here.ingest.http.inject({ method: 'POST', url: '/webhooks/generic/nobody', payload: '{}' });
  await here.ingest.http.inject({ method: 'POST', url: '/webhooks/carrier-pigeon/nobody', payload: '{}' });

  const now = await figures();
  const outcome = (channel: string, name: string) => now.value('crossdesk_webhooks_total', { channel, outcome: name });
  expect(outcome('generic', 'stored')).toBe(1);
  expect(outcome('generic', 'parked')).toBe(1);
  expect(outcome('generic', 'bad_signature')).toBe(1);
  expect(outcome('generic', 'unknown_address')).toBe(1);
  expect(outcome('unknown', 'unknown_address')).toBe(1);
  expect(now.value('crossdesk_webhook_ack_seconds_count', { channel: 'generic' })).toBe(2);
  expect(now.value('crossdesk_webhook_ack_seconds_sum')).toBeGreaterThan(0);
  expect(now.value('crossdesk_parked_webhooks', { channel: 'generic' })).toBe(1);
  expect(now.value('crossdesk_channel_accounts', { channel: 'generic', status: 'connected' })).toBe(1);
});

test('every attempt to send is counted by its answer, and unknown outcomes are shown as waiting', async () => {
  const shop = await here.connect(tenantId, 'shopee', '830000001');
  const conversationId = await conversationOf(here, shop, 'figures');
  const sent = replyTo(shop, conversationId, 'sent');
  await here.harness.publish(sent);
  await statusOf(here, sent.data.messageId, 'sent');
  expect((await figures()).value('crossdesk_sends_total', { channel: 'shopee', outcome: 'accepted' })).toBe(1);
  expect((await figures()).value('crossdesk_send_seconds_count', { channel: 'shopee' })).toBe(1);

  here.twin.faults.next('shopee', 'execute-then-reset');
  const doubtful = replyTo(shop, conversationId, 'doubtful');
  await here.harness.publish(doubtful);
  await eventually(async () =>
    expect((await figures()).value('crossdesk_sends_total', { channel: 'shopee', outcome: 'unknown' })).toBe(1),
  );
  // A reply that only a person can settle stays until somebody settles it.
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`update delivery_intent set status = 'unknown', needs_person = true where message_id = ${doubtful.data.messageId}`.execute(
      trx,
    ),
  );
  const now = await figures();
  expect(now.value('crossdesk_unknown_deliveries', { needs_person: 'true' })).toBe(1);
  expect(now.value('crossdesk_unknown_deliveries', { needs_person: 'false' })).toBe(0);
  expect(now.value('crossdesk_delivery_overdue_seconds')).toBe(0);
});
