import { expect, test } from '@jest/globals';
import { type EventId, newId } from '@crossdesk/contracts';
import { until } from '@crossdesk/testkit/waiting';
import { createClient } from 'graphql-ws';
import { inboxEvent } from './events.ts';
import { followInbox } from './follow-inbox.ts';
import { startGateway } from './gateway.ts';

test('the loop of the documentation shows every event once over closed sockets and a service that fails', async () => {
  const place = { topic: 'conversation.conversation', partition: 1 } as const;
  let isBroken = false;
  let failures = 0;
  const gateway = await startGateway({
    knownEvents: (_id: EventId) => {
      if (isBroken) throw new Error(`down ${(failures += 1)}`);
      return { subjectId: newId(), kind: 'MESSAGE_ADDED' };
    },
  });
  const { tenantId } = gateway.agent;
  const sent: string[] = [];
  const say = () => void sent.push(gateway.log.publish(place, inboxEvent({ tenantId })));
  const shown: string[] = [];
  let loaded = 0;
  let socket: WebSocket | undefined;
  const client = createClient({
    url: gateway.url.replace('http', 'ws'),
    connectionParams: async () => ({ authorization: `Bearer ${await gateway.tokenFor(gateway.agent)}` }),
    retryAttempts: 0,
    on: { connected: (opened) => void (socket = opened as WebSocket) },
  });
  const stopping = new AbortController();
  const following = followInbox({
    client,
    startCursor: async () => String((await gateway.ask('{ inboxCursor }')).body.data?.['inboxCursor']),
    load: async () => {
      loaded += 1;
      say();
    },
    show: ({ id }) => void shown.push(id),
    pause: async () => undefined,
    signal: stopping.signal,
  });
  await until(() => shown.length === 1);
  for (let round = 0; round < 3; round += 1) {
    say();
    say();
    await until(() => shown.length === sent.length);
    socket?.close(4205);
    say();
    await until(() => shown.length === sent.length);
  }
  isBroken = true;
  say();
  await until(() => failures > 0);
  isBroken = false;
  await until(() => shown.length === sent.length);
  expect(shown).toEqual(sent);
  expect(loaded).toBe(1);
  stopping.abort();
  await following;
  await client.dispose();
  await gateway.stop();
});
