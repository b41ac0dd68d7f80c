import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ConversationId,
  type CustomerId,
  type ErasureId,
  erasedEvent,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type Connected, conversationOf, openPlatforms, type Platforms, replyTo, statusOf } from './platforms.ts';

let here: Platforms;
let shop: Connected;
const tenantId = newId<TenantId>();

beforeAll(async () => {
  here = await openPlatforms('erasure');
  shop = await here.connect(tenantId, 'shopee', '820000001');
});
afterAll(() => here.close());

function aRequest(conversationId: ConversationId) {
  const [erasureId, customerId] = [newId<ErasureId>(), newId<CustomerId>()];
  const data = { erasureId, customerId, conversationIds: [conversationId, newId<ConversationId>()] };
  return anEvent('crm.customer-erasure-requested', data, { tenantId, aggregateId: customerId });
}

/** The event of the conversation service after its erasure: no more replies from before will come. */
function noMoreReplies({ data }: ReturnType<typeof aRequest>, conversationId: ConversationId) {
  const { erasureId, customerId } = data;
  return anEvent(
    'conversation.buyer-erased',
    { erasureId, customerId, conversationId },
    { tenantId, aggregateId: conversationId },
  );
}

async function contentOf(messageId: MessageId): Promise<string> {
  const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
    sql<{ content: string }>`select content::text from delivery_intent where message_id = ${messageId}`.execute(trx),
  );
  return rows[0]?.content ?? '';
}

const erased = (request: ReturnType<typeof aRequest>) =>
  here.harness.events.of('ingest.personal-data-erased').filter(({ data }) => data.erasureId === request.data.erasureId);

test('a reply that is being delivered goes out as it was accepted, and is erased once it is settled', async () => {
  const conversationId = await conversationOf(here, shop, 'olive');
  const messageId = newId<MessageId>();
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`insert into delivery_intent (tenant_id, message_id, conversation_id, account_id, content, fingerprint, status, due_at)
      values (${tenantId}, ${messageId}, ${conversationId}, ${shop.accountId}, '{"kind":"text","text":"Dear Olive"}', 'f',
        'queued', now() + interval '1 hour')`.execute(trx),
  );
  const request = aRequest(conversationId);
  await here.harness.publish(request);
  await here.harness.events.next('ingest.buyer-erased', ({ data }) => data.erasureId === request.data.erasureId);
  await here.harness.publish(noMoreReplies(request, conversationId));
  await eventually(async () => {
    const { rows } = await here.ingest.runtime.db.asWorker((trx) =>
      sql<{
        until_seq: string | null;
      }>`select until_seq from erasing where conversation_id = ${conversationId}`.execute(trx),
    );
    expect(rows[0]?.until_seq).not.toBeNull();
  });
  expect(await contentOf(messageId)).toContain('Dear Olive');
  expect(erased(request)).toEqual([]);

  await here.ingest.runtime.db.asWorker((trx) =>
    sql`update delivery_intent set due_at = now() where message_id = ${messageId}`.execute(trx),
  );
  await eventually(async () => expect(erased(request)).toHaveLength(1));
  expect(here.twin.journal().filter(({ text }) => text === 'Dear Olive')).toHaveLength(1);
  expect(await contentOf(messageId)).not.toContain('Olive');
});

test('a reply that was erased before it arrived is refused, not sent empty', async () => {
  const conversationId = await conversationOf(here, shop, 'peter');
  const before = here.twin.journal().length;
  const reply = replyTo(shop, conversationId, 'Dear Peter');
  const redacted = erasedEvent(reply);
  if (redacted === null) throw new Error('the text of a reply is personal');
  await here.harness.publish(redacted);
  const { data } = await statusOf(here, reply.data.messageId, 'failed');
  expect(data).toMatchObject({ status: 'failed', failure: 'UNSUPPORTED' });
  expect(here.twin.journal()).toHaveLength(before);
});
