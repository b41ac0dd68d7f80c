import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, newId, topics } from '@crossdesk/contracts';
import { openHarness, type TestHarness } from '@crossdesk/testkit';
import { createClient } from 'graphql-ws';
import { encodeCursor } from '../src/live/cursor.ts';
import { startGateway, type TestGateway } from './gateway.ts';
import { factEvent } from './memory-log.ts';

let harness: TestHarness;
let gateway: TestGateway;
beforeAll(async () => {
  harness = await openHarness();
  gateway = await startGateway({
    broker: harness.broker,
    knownEvents: () => ({ conversationId: 'c1', kind: 'MESSAGE_ADDED' }),
  });
});
afterAll(async () => {
  await gateway.stop();
  await harness.close();
});

test('over the embedded log a stream goes on behind its cursor, without a gap or a double', async () => {
  const conversations = Array.from({ length: 12 }, () => newId<ConversationId>());
  const publish = async (count: number): Promise<string[]> => {
    const events = Array.from({ length: count }, (_, n) =>
      factEvent({
        tenantId: n % 4 === 3 ? newId<typeof gateway.agent.tenantId>() : gateway.agent.tenantId,
        conversationId: conversations[n % conversations.length] ?? newId(),
      }),
    );
    await harness.publish(...events);
    return events.filter(({ tenantId }) => tenantId === gateway.agent.tenantId).map(({ id }) => id);
  };
  const authorization = `Bearer ${await gateway.tokenFor(gateway.agent)}`;
  const client = createClient({ url: gateway.url.replace('http', 'ws'), connectionParams: { authorization } });
  const seen: string[] = [];
  let after = encodeCursor(Array<bigint>(topics['conversation.conversation'].partitions).fill(0n));
  const read = async (count: number): Promise<void> => {
    const query = 'subscription($after: String) { inboxEvents(after: $after) { id cursor } }';
    for await (const { data, errors } of client.iterate({ query, variables: { after } })) {
      expect(errors).toBeUndefined();
      const { id, cursor } = (data as { inboxEvents: { id: string; cursor: string } }).inboxEvents;
      seen.push(id);
      after = cursor;
      if (seen.length >= count) return;
    }
  };

  const sent = await publish(400);
  await read(150);
  const reading = read(350);
  sent.push(...(await publish(200)));
  await reading;
  sent.push(...(await publish(100)));
  await read(sent.length);
  await client.dispose();

  expect(seen).toHaveLength(new Set(seen).size);
  expect(seen.toSorted()).toEqual(sent.toSorted());
});
