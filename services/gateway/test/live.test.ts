import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ConversationId, type EventId, newId, topics } from '@crossdesk/contracts';
import type { RequestContext } from '@crossdesk/service-kit';
import { type Client, createClient } from 'graphql-ws';
import { decodeCursor, encodeCursor } from '../src/live/cursor.ts';
import { BadToken } from '../src/caller/identity.ts';
import { defaultLimits } from '../src/limits.ts';
import { startGateway, type StartOptions, type TestGateway } from './gateway.ts';
import { type Person, person } from './tokens.ts';
import { until } from './until.ts';

const partitionCount = topics['conversation.conversation'].partitions;
const beginning = encodeCursor(Array<bigint>(partitionCount).fill(0n));
const conversationId = newId<ConversationId>();

/** Every event is known and belongs to one conversation. */
const allKnown = (_id: EventId) => ({ conversationId, kind: 'MESSAGE_ADDED' });

interface Shown {
  readonly id: string;
  readonly cursor: string;
  readonly conversation: { readonly assignee: { readonly email: string | null } };
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ knownEvents: allKnown });
});
afterAll(() => gateway.stop());

async function connect(to: TestGateway, who: Person, expiresAt?: Date): Promise<Client> {
  const token = await to.tokenFor(who, expiresAt);
  return createClient({
    url: to.url.replace('http', 'ws'),
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
}

const follow = 'subscription($after: String) { inboxEvents(after: $after) { id cursor } }';

function shownIn(result: { data?: unknown; errors?: unknown }): Shown {
  expect(result.errors).toBeUndefined();
  return (result.data as { inboxEvents: Shown }).inboxEvents;
}

/** Reads some events and hangs up. */
async function read(
  client: Client,
  count: number,
  query: string,
  variables: Record<string, unknown>,
): Promise<Shown[]> {
  const shown: Shown[] = [];
  if (count === 0) return shown;
  for await (const result of client.iterate({ query, variables })) {
    shown.push(shownIn(result));
    if (shown.length === count) break;
  }
  return shown;
}

async function refusalFrom(client: Client, query: string, variables: Record<string, unknown> = {}): Promise<unknown> {
  try {
    for await (const { errors } of client.iterate({ query, variables })) return errors?.[0]?.extensions?.['code'];
  } catch (refusal) {
    return Array.isArray(refusal) ? (refusal[0] as { extensions: { code: string } }).extensions.code : refusal;
  }
  return 'ended';
}

/** A small generator with a seed, so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('inboxEvents', () => {
  test.each([1, 2, 3])(
    'after any number of lost connections every event is seen once, in order (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      const [reader, stranger] = [person(), person()];
      const local = await startGateway({ knownEvents: allKnown });
      const partitionOf = new Map<string, number>();
      const total = 2_000;
      let published = 0;
      const publish = (count: number) => {
        for (let n = 0; n < count && partitionOf.size < total; n += 1) {
          const partition = random(partitionCount);
          const dice = random(10);
          const fact = { tenantId: dice < 3 ? stranger.tenantId : reader.tenantId, conversationId };
          if (dice === 9) local.log.publish(partition, { ...fact, type: 'conversation.reply-requested' });
          else {
            const id = local.log.publish(partition, fact);
            if (fact.tenantId === reader.tenantId) partitionOf.set(id, partition);
          }
          published += 1;
        }
      };

      const seen: string[] = [];
      let after = beginning;
      publish(100);
      while (partitionOf.size < total || seen.length < total) {
        const client = await connect(local, reader);
        const wanted = Math.min(1 + random(150), total - seen.length);
        const reading = read(client, wanted, follow, { after });
        while (seen.length + wanted > partitionOf.size) {
          publish(random(40));
          await new Promise((resolve) => setImmediate(resolve));
        }
        const shown = await reading;
        after = shown.at(-1)?.cursor ?? after;
        seen.push(...shown.map(({ id }) => id));
        await client.dispose();
      }
      await local.stop();

      expect(published).toBeGreaterThan(total);
      expect(new Set(seen).size).toBe(seen.length);
      for (let partition = 0; partition < partitionCount; partition += 1) {
        const sent = [...partitionOf].filter(([, at]) => at === partition).map(([id]) => id);
        expect(seen.filter((id) => partitionOf.get(id) === partition)).toEqual(sent);
      }
    },
  );

  test('a stream without a cursor starts now, and every subscriber shares one tail', async () => {
    const who = person();
    gateway.log.publish(0, { tenantId: who.tenantId, conversationId });
    const clients = [await connect(gateway, who), await connect(gateway, who)];
    const readings = clients.map((client) => read(client, 3, follow, {}));
    const liveSubscriptions = async () =>
      /crossdesk_live_subscriptions\{[^}]*\} 2/.test(await (await fetch(`${gateway.origin}/metrics`)).text());
    while (!(await liveSubscriptions()));
    await until(() => gateway.log.readerCount() === 1);
    const ids = [0, 1, 2].map(() => gateway.log.publish(3, { tenantId: who.tenantId, conversationId }));
    for (const shown of await Promise.all(readings)) expect(shown.map(({ id }) => id)).toEqual(ids);
    expect(gateway.log.readerCount()).toBe(1);
    for (const client of clients) await client.dispose();
  });

  test('a workspace sees its own events and no other’s', async () => {
    const [ours, theirs] = [person(), person()];
    const local = await startGateway({ knownEvents: allKnown });
    const sent = Array.from({ length: 200 }, (_, n) => {
      const { tenantId } = n % 2 === 0 ? ours : theirs;
      return { tenantId, id: local.log.publish(n % partitionCount, { tenantId, conversationId }) };
    });
    for (const who of [ours, theirs]) {
      const client = await connect(local, who);
      const shown = await read(client, 100, follow, { after: beginning });
      const own = sent.filter(({ tenantId }) => tenantId === who.tenantId).map(({ id }) => id);
      expect(shown.map(({ id }) => id).toSorted()).toEqual(own.toSorted());
      await client.dispose();
    }
    await local.stop();
  });

  test('a stream can be narrowed to a conversation and to kinds', async () => {
    const who = person();
    const local = await startGateway({ knownEvents: allKnown });
    const other = newId<ConversationId>();
    local.log.publish(0, { tenantId: who.tenantId, conversationId: other });
    const note = local.log.publish(0, { tenantId: who.tenantId, conversationId, type: 'conversation.note-added' });
    const message = local.log.publish(0, { tenantId: who.tenantId, conversationId });
    const client = await connect(local, who);
    const query = `subscription($after: String, $id: ID, $kinds: [InboxEventKind!]) {
      inboxEvents(after: $after, conversationId: $id, kinds: $kinds) { id cursor }
    }`;
    const first = async (variables: Record<string, unknown>) =>
      (await read(client, 1, query, { after: beginning, ...variables }))[0]?.id;
    expect(await first({ id: conversationId })).toBe(note);
    expect(await first({ id: conversationId, kinds: ['MESSAGE_ADDED'] })).toBe(message);
    expect(await refusalFrom(client, query, { id: 'no-id' })).toBe('BAD_USER_INPUT');
    await client.dispose();
    await local.stop();
  });

  test('an event the service does not show is passed over', async () => {
    const who = person();
    const hidden = new Set<string>();
    const local = await startGateway({ knownEvents: (id) => (hidden.has(id) ? null : allKnown(id)) });
    hidden.add(local.log.publish(1, { tenantId: who.tenantId, conversationId }));
    local.log.append(1, Buffer.from('not an event'));
    const visible = local.log.publish(1, { tenantId: who.tenantId, conversationId });
    const client = await connect(local, who);
    expect((await read(client, 1, follow, { after: beginning }))[0]?.id).toBe(visible);
    await client.dispose();
    await local.stop();
  });

  test('fragments, aliases, variables and directives in the selection are kept', async () => {
    const who = person();
    const local = await startGateway({ knownEvents: allKnown });
    const id = local.log.publish(2, { tenantId: who.tenantId, conversationId });
    const client = await connect(local, who);
    const query = `subscription Live($after: String, $withName: Boolean!) { news: inboxEvents(after: $after) { ...E place: cursor } }
      fragment E on InboxEvent { id ... on InboxEvent { cursor } conversation { buyerName @include(if: $withName) customer { displayName } } }`;
    for await (const result of client.iterate({ query, variables: { after: beginning, withName: false } })) {
      expect(result.errors).toBeUndefined();
      const { place, ...news } = (result.data as { news: Record<string, unknown> }).news;
      expect(news).toEqual({
        id,
        cursor: place,
        conversation: { customer: { displayName: `Customer of ${conversationId}` } },
      });
      break;
    }
    await client.dispose();
    await local.stop();
  });

  test('an error of the service ends the stream, and resuming loses nothing', async () => {
    const who = person();
    let isBroken = true;
    const knownEvents = (id: EventId) => {
      if (isBroken) throw new Error('no connection to 10.0.0.7');
      return allKnown(id);
    };
    const local = await startGateway({ knownEvents });
    const id = local.log.publish(2, { tenantId: who.tenantId, conversationId });
    const client = await connect(local, who);
    expect(await refusalFrom(client, follow, { after: beginning })).toBe('INTERNAL');
    isBroken = false;
    await local.stop();
    await client.dispose();
    const again = await startGateway({ knownEvents, broker: local.log.broker });
    const next = await connect(again, who);
    expect((await read(next, 1, follow, { after: beginning }))[0]?.id).toBe(id);
    await next.dispose();
    await again.stop();
  });
});

describe('equal subscribers', () => {
  async function shownTo(people: readonly Person[], query: string) {
    const asked: RequestContext[] = [];
    const local = await startGateway({
      knownEvents: (id, context) => {
        asked.push(context);
        return { ...allKnown(id), assigneeId: people[0]?.agentId ?? '' };
      },
    });
    local.log.publish(0, { tenantId: people[0]?.tenantId ?? newId(), conversationId });
    const shown = [];
    for (const who of people) {
      const client = await connect(local, who);
      shown.push(...(await read(client, 1, query, { after: beginning })));
      await client.dispose();
    }
    await local.stop();
    return { shown, asked };
  }
  const colleague = (who: Person, role = 'agent') => person(who.tenantId, role);

  test('of one role are answered by one execution', async () => {
    const who = person();
    expect((await shownTo([who, colleague(who), colleague(who)], follow)).asked).toHaveLength(1);
    expect((await shownTo([who, colleague(who, 'admin')], follow)).asked).toHaveLength(2);
  });

  test('never share what only the person himself may see', async () => {
    const who = person();
    const query =
      'subscription($after: String) { inboxEvents(after: $after) { id cursor conversation { assignee { email } } } }';
    const { shown, asked } = await shownTo([who, colleague(who)], query);
    expect(asked).toHaveLength(2);
    expect(shown.map(({ conversation }) => conversation.assignee.email)).toEqual(['me@example.com', null]);
  });
});

describe('cursors', () => {
  test('that were changed at any place are refused', async () => {
    const who = person();
    const bounds = Array.from({ length: partitionCount }, () => ({ earliest: 0n, next: 1_000n }));
    const good = encodeCursor([1n, 22n, 333n, 4n, 5n, 1_000n]);
    expect(decodeCursor(good, bounds)).toEqual([1n, 22n, 333n, 4n, 5n, 1_000n]);
    const changed = [
      '',
      'x',
      `${good}=`,
      ` ${good}`,
      good.slice(0, -1),
      `${good}A`,
      encodeCursor([1n, 2n]),
      encodeCursor([1n, 22n, 333n, 4n, 5n, 1_001n]),
      ...[
        '2.0.0.0.0.0.0',
        '1.00.0.0.0.0.0',
        '1.-1.0.0.0.0.0',
        '1.0x1.0.0.0.0.0',
        '1.99999999999999999999.0.0.0.0.0',
        '1.0.0.0.0.0.0.',
      ].map((text) => Buffer.from(text).toString('base64url')),
      'A'.repeat(100_000),
    ];
    for (const cursor of changed) expect(() => decodeCursor(cursor, bounds)).toThrow('no cursor of the inbox stream');
    const client = await connect(gateway, who);
    expect(await refusalFrom(client, follow, { after: `${beginning}AA` })).toBe('CURSOR_INVALID');
    await client.dispose();
  });

  test('older than the log ends the stream with CURSOR_EXPIRED', async () => {
    const who = person();
    const local = await startGateway({ knownEvents: allKnown });
    for (let n = 0; n < 5; n += 1) local.log.publish(4, { tenantId: who.tenantId, conversationId });
    local.log.forgetBefore(4, 3n);
    const client = await connect(local, who);
    expect(await refusalFrom(client, follow, { after: beginning })).toBe('CURSOR_EXPIRED');
    await client.dispose();
    await local.stop();
  });
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
    'without a good token are closed: %j',
    async (params) => {
      expect(await closeCode(gateway, params)).toBe(4403);
    },
  );

  test('are closed when their token ends', async () => {
    const token = await gateway.tokenFor(person(), new Date(Math.floor(Date.now() / 1_000) * 1_000 - 29_000));
    expect(await closeCode(gateway, { authorization: `Bearer ${token}` })).toBe(4403);
  });

  test('with an API token that was taken back are closed', async () => {
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

  test('with an access token that was ended long before its time are closed', async () => {
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

  test('that say nothing are closed', async () => {
    await withGateway({ limits: { ...defaultLimits, connectionInitTimeoutMs: 30 } }, async (local) => {
      expect(await closeCode(local, undefined)).toBe(4408);
    });
  });

  test('beyond the limit are not opened', async () => {
    await withGateway({ limits: { ...defaultLimits, socketsMax: 0 } }, async (local) => {
      expect(await closeCode(local, {})).toBe(1006);
    });
  });

  test('take so many subscriptions and no more', async () => {
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

  test('take no queries, no other fields and no documents beyond the limits', async () => {
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
