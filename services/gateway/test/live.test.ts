import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EventId, newId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { WebSocket as WsSocket } from 'ws';
import { BadToken } from '../src/caller/identity.ts';
import { defaultLimits } from '../src/limits.ts';
import { inboxEvent } from './events.ts';
import { startGateway, type StartOptions, type TestGateway } from './gateway.ts';
import { connect, refusalFrom } from './live-client.ts';
import { inboxCase } from './stream-cases.ts';
import { person } from './tokens.ts';

const subjectId = newId();

/** Every event is known and belongs to one conversation. */
const allKnown = (_id: EventId) => ({ subjectId, kind: 'MESSAGE_ADDED' });
const follow = 'subscription($after: String) { inboxEvents(after: $after) { id cursor } }';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ knownEvents: allKnown });
});
afterAll(() => gateway.stop());

test('fragments, aliases, variables and directives in the selection are kept', async () => {
  const who = person();
  const local = await startGateway({ knownEvents: allKnown });
  const id = local.log.publish(
    { topic: 'conversation.conversation', partition: 2 },
    inboxEvent({ tenantId: who.tenantId }),
  );
  const client = await connect(local, who);
  const query = `subscription Live($after: String, $withName: Boolean!) { news: inboxEvents(after: $after) { ...E place: cursor } }
      fragment E on InboxEvent { id ... on InboxEvent { cursor } conversation { buyerName @include(if: $withName) customer { displayName } } }`;
  for await (const result of client.iterate({
    query,
    variables: { after: inboxCase.beginning(who.tenantId), withName: false },
  })) {
    expect(result.errors).toBeUndefined();
    const { place, ...news } = (result.data as { news: Record<string, unknown> }).news;
    expect(news).toEqual({
      id,
      cursor: place,
      conversation: { customer: { displayName: `Customer of ${subjectId}` } },
    });
    break;
  }
  await client.dispose();
  await local.stop();
});

describe('sockets', () => {
  const closeCode = async (to: TestGateway, params: unknown, onOpen = () => undefined as unknown): Promise<number> => {
    const socket = new WebSocket(to.url.replace('http', 'ws'), 'graphql-transport-ws');
    const closed = Promise.withResolvers<number>();
    socket.onclose = ({ code }) => closed.resolve(code);
    socket.onmessage = () => void onOpen();
    socket.onopen = () => {
      if (params !== undefined) socket.send(JSON.stringify({ type: 'connection_init', payload: params }));
    };
    return closed.promise;
  };
  const withGateway = async (options: StartOptions, run: (local: TestGateway) => Promise<void>) => {
    const local = await startGateway({ knownEvents: allKnown, ...options });
    try {
      await run(local);
    } finally {
      await local.stop();
    }
  };

  test.each([{}, { authorization: 'Bearer nonsense' }, { authorization: 7 }, { headers: 'Bearer' }])(
    'without a valid token are closed for good: %j',
    async (params) => {
      expect(await closeCode(gateway, params)).toBe(4401);
    },
  );

  test('whose token cannot be checked are asked to come again', async () => {
    const identify = async () => {
      throw new Error('down');
    };
    await withGateway({ auth: { identify } }, async (local) => {
      expect(await closeCode(local, { authorization: 'Bearer a' })).toBe(1013);
    });
  });

  test.each<[string, (token: string) => { params?: object; headers?: Record<string, string> }]>([
    ['authorization', (token) => ({ params: { authorization: token } })],
    ['Authorization', (token) => ({ params: { Authorization: token } })],
    ['headers.AUTHORIZATION', (token) => ({ params: { headers: { AUTHORIZATION: token } } })],
    ['the header of the upgrade', (token) => ({ headers: { authorization: token } })],
  ])('take the token from %s', async (_, place) => {
    const { params, headers } = place(`Bearer ${await gateway.tokenFor(person())}`);
    const socket = new WsSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws', { headers });
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: params })));
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(message.toString())).toEqual({ type: 'connection_ack' });
    socket.terminate();
  });

  test.each([
    ['http://localhost:5173', 'open'],
    ['https://evil.test', 'unexpected-response'],
    ['null', 'unexpected-response'],
  ])('of a page of %s: %s', async (origin, event) => {
    const socket = new WsSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws', { origin });
    socket.on('error', () => undefined);
    await once(socket, event);
    expect(socket.readyState).toBe(event === 'open' ? WsSocket.OPEN : WsSocket.CONNECTING);
    socket.terminate();
  });

  test('are closed when their token ends', async () => {
    const token = await gateway.tokenFor(person(), new Date(Math.floor(Date.now() / 1_000) * 1_000 - 29_000));
    expect(await closeCode(gateway, { authorization: `Bearer ${token}` })).toBe(4403);
  });

  test('with a revoked API token are closed', async () => {
    const agent = person();
    const apiTokens: Record<string, Caller> = {
      cdk_a: { ...agent, kind: 'api-token', role: 'agent', scopes: ['conversation-read'] },
    };
    const uncached = { identify: async () => ({ caller: takeCaller(apiTokens), expiresAt: null, epoch: null }) };
    await withGateway({ auth: uncached, limits: { ...defaultLimits, tokenRecheckMs: 20 } }, async (local) => {
      expect(await closeCode(local, { authorization: 'Bearer cdk_a' }, () => delete apiTokens['cdk_a'])).toBe(4403);
    });
  });

  test('with an access token that was ended early are closed', async () => {
    let hasEnded = false;
    const caller = { kind: 'agent', ...person(), role: 'agent', authenticatedAtMs: 0 } as const;
    const identify = async () => {
      if (hasEnded) throw new BadToken();
      return { caller, expiresAt: new Date(Date.now() + 3_600_000), epoch: 0 };
    };
    await withGateway({ auth: { identify }, limits: { ...defaultLimits, tokenRecheckMs: 20 } }, async (local) => {
      expect(await closeCode(local, { authorization: 'Bearer a' }, () => (hasEnded = true))).toBe(4403);
    });
  });

  test('that send nothing are closed', async () => {
    await withGateway({ limits: { ...defaultLimits, connectionInitTimeoutMs: 30 } }, async (local) => {
      expect(await closeCode(local, undefined)).toBe(4408);
    });
  });

  test('beyond the limit are not opened', async () => {
    await withGateway({ limits: { ...defaultLimits, socketsMax: 0 } }, async (local) => {
      expect(await closeCode(local, {})).toBe(1006);
    });
  });

  test('take as many subscriptions as the limit allows', async () => {
    await withGateway({ limits: { ...defaultLimits, subscriptionsPerSocketMax: 2 } }, async (local) => {
      const who = person();
      const client = await connect(local, who);
      const first = client.iterate({ query: follow });
      const second = client.iterate({ query: follow });
      const waiting = [first.next(), second.next()];
      expect(await refusalFrom(client, follow)).toBe('TOO_MANY_SUBSCRIPTIONS');
      await first.return?.();
      await second.return?.();
      await Promise.all(waiting);
      await client.dispose();
    });
  });

  test('of one caller take so many different live queries together, and equal ones count once', async () => {
    await withGateway({ limits: { ...defaultLimits, liveQueriesPerCallerMax: 2 } }, async (local) => {
      const who = person();
      const clients = [await connect(local, who), await connect(local, who)];
      const [first, second] = clients;
      if (first === undefined || second === undefined) throw new Error('no clients');
      const of = (kinds: string) => `subscription { inboxEvents(kinds: [${kinds}]) { id } }`;
      const open = [
        first.iterate({ query: of('READ') }),
        second.iterate({ query: of('READ') }),
        second.iterate({ query: of('NOTE_ADDED') }),
      ];
      const waiting = open.map((one) => one.next());
      expect(await refusalFrom(second, of('STATE_CHANGED'))).toBe('TOO_MANY_SUBSCRIPTIONS');
      expect(await refusalFrom(await connect(local, person()), of('x'))).toBe('GRAPHQL_VALIDATION_FAILED');
      await open[2]?.return?.();
      const again = second.iterate({ query: of('STATE_CHANGED') });
      const answered = again.next();
      expect(await refusalFrom(first, of('NOTE_ADDED'))).toBe('TOO_MANY_SUBSCRIPTIONS');
      for (const one of [...open, again]) await one.return?.();
      await Promise.all([...waiting, answered]);
      for (const client of clients) await client.dispose();
    });
  });

  test('take no queries, no invalid fields and no documents beyond the limits', async () => {
    const client = await connect(gateway, person());
    expect(await refusalFrom(client, '{ me { id } }')).toBe('BAD_REQUEST');
    expect(await refusalFrom(client, 'subscription { ...F } fragment F on Subscription { inboxEvents { id } }')).toBe(
      'BAD_REQUEST',
    );
    expect(await refusalFrom(client, 'subscription { inboxEvents { nothing } }')).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(await refusalFrom(client, `subscription { inboxEvents { ${'id '.repeat(3_000)} } }`)).toBe(
      'QUERY_TOO_LARGE',
    );
    await client.dispose();
  });
});

function takeCaller<Value>(known: Readonly<Record<string, Value>>): Value | { readonly kind: 'anonymous' } {
  return known['cdk_a'] ?? { kind: 'anonymous' };
}
