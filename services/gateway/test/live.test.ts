import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EventId, newId } from '@crossdesk/contracts';
import { until } from '@crossdesk/testkit/waiting';
import { BadToken } from '../src/caller/identity.ts';
import { defaultLimits } from '../src/limits.ts';
import { inboxEvent } from './events.ts';
import { startGateway, type StartOptions, type TestGateway } from './gateway.ts';
import { connect, refusalFrom } from './live-client.ts';
import { inboxCase } from './stream-cases.ts';
import { type Person, person } from './tokens.ts';

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
  for await (const result of client.iterate({ query, variables: { after: inboxCase.beginning, withName: false } })) {
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
  const closeCode = async (to: TestGateway, params: unknown): Promise<number> => {
    const socket = new WebSocket(to.url.replace('http', 'ws'), 'graphql-transport-ws');
    const closed = Promise.withResolvers<number>();
    socket.onclose = ({ code }) => closed.resolve(code);
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

  test.each([{}, { authorization: 'Bearer nonsense' }, { authorization: 7 }])(
    'without a valid token are closed: %j',
    async (params) => {
      expect(await closeCode(gateway, params)).toBe(4403);
    },
  );

  test('are closed when their token ends', async () => {
    const token = await gateway.tokenFor(person(), new Date(Math.floor(Date.now() / 1_000) * 1_000 - 29_000));
    expect(await closeCode(gateway, { authorization: `Bearer ${token}` })).toBe(4403);
  });

  test('with a revoked API token are closed', async () => {
    const agent = person();
    const apiTokens: Record<
      string,
      { kind: 'api-token'; tenantId: Person['tenantId']; agentId: Person['agentId']; role: 'agent' }
    > = {
      cdk_a: { kind: 'api-token', tenantId: agent.tenantId, agentId: agent.agentId, role: 'agent' },
    };
    const uncached = { identify: async () => ({ caller: takeCaller(apiTokens), expiresAt: null, epoch: null }) };
    await withGateway({ auth: uncached, limits: { ...defaultLimits, tokenRecheckMs: 20 } }, async (local) => {
      const closing = closeCode(local, { authorization: 'Bearer cdk_a' });
      await until(() => local.gateway.http.server.listening);
      delete apiTokens['cdk_a'];
      expect(await closing).toBe(4403);
    });
  });

  test('with an access token that was ended early are closed', async () => {
    let hasEnded = false;
    const caller = { kind: 'agent', ...person(), role: 'agent' } as const;
    const identify = async () => {
      if (hasEnded) throw new BadToken();
      return { caller, expiresAt: new Date(Date.now() + 3_600_000), epoch: 0 };
    };
    await withGateway({ auth: { identify }, limits: { ...defaultLimits, tokenRecheckMs: 20 } }, async (local) => {
      const closing = closeCode(local, { authorization: 'Bearer a' });
      await until(() => local.gateway.http.server.listening);
      hasEnded = true;
      expect(await closing).toBe(4403);
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
