import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startStopwatch, until } from '@crossdesk/testkit/waiting';
import { contextHeader, contextKeyOf, mountSubgraph, type Subgraph, verifyContext } from '@crossdesk/service-kit';
import { fastify } from 'fastify';
import type { SubgraphAddress } from '../src/app.ts';
import { defaultLimits } from '../src/limits.ts';
import { keys, startGateway, type StartOptions, type TestGateway } from './gateway.ts';
import { localSubgraphs, type ServiceName, serviceNames } from './services.ts';

const opened: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const { stop } of opened.splice(0).toReversed()) await stop();
});

/** A server in place of a subgraph; counts what arrives. */
async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

async function serveSubgraph(name: ServiceName): Promise<string> {
  const http = fastify();
  mountSubgraph(http, localSubgraphs()[name], contextKeyOf(keys, name));
  const origin = await http.listen({ host: '127.0.0.1', port: 0 });
  opened.push({ stop: () => http.close() });
  return `${origin}/graphql`;
}

/** A subgraph that answers each sign of life at once, and anything else only after a third one: after more than a second. */
async function serveSlowly(name: ServiceName): Promise<string> {
  const subgraph = localSubgraphs()[name];
  const http = fastify();
  const third = Promise.withResolvers<void>();
  let signs = 0;
  const execute: Subgraph['execute'] = async (request, context) => {
    if (request.query !== '{__typename}') await third.promise;
    else if (++signs === 3) third.resolve();
    return subgraph.execute(request, context);
  };
  mountSubgraph(http, { name, execute }, contextKeyOf(keys, name));
  const origin = await http.listen({ host: '127.0.0.1', port: 0 });
  opened.push({ stop: () => http.close() });
  return `${origin}/graphql`;
}

/** A gateway whose subgraphs are local but for the addresses given. */
async function gatewayWith(urls: Partial<Record<ServiceName, string>>, options: StartOptions = {}) {
  const local = localSubgraphs();
  const addressOf = (name: ServiceName): SubgraphAddress => {
    const url = urls[name];
    return url === undefined ? { kind: 'local', subgraph: local[name] } : { kind: 'http', url };
  };
  const subgraphs = Object.fromEntries(serviceNames.map((name) => [name, addressOf(name)]));
  const gateway = await startGateway({ subgraphs, ...options });
  opened.push({ stop: gateway.stop });
  return gateway;
}

const joined = '{ conversation(id: "c1") { buyerName customer { displayName } } }';

describe('subgraphs in other processes', () => {
  test('answer the same as subgraphs in this process', async () => {
    const gateway = await gatewayWith({
      conversation: await serveSubgraph('conversation'),
      crm: await serveSubgraph('crm'),
    });
    expect((await gateway.ask(joined)).body).toEqual({
      data: { conversation: { buyerName: 'Li Wei', customer: { displayName: 'Customer of c1' } } },
    });
    const { body } = await gateway.ask('{ me { id } agents { edges { cursor } } }');
    expect(body.errors?.[0]?.extensions['code']).toBe('INTERNAL');
  });

  test('get the caller in a context signed for exactly these bytes, and the client’s trace', async () => {
    const arrived: { header: string; body: string; traceparent: unknown }[] = [];
    const { url } = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        arrived.push({
          header: String(request.headers[contextHeader]),
          body,
          traceparent: request.headers['traceparent'],
        });
        response.setHeader('content-type', 'application/json').end('{"data":{"customer":{"displayName":"A"}}}');
      });
    });
    const gateway = await gatewayWith({ crm: url });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const token = await gateway.tokenFor(gateway.agent);
    const query = '{ customer(id: "x") { displayName } }';
    await gateway.send({ query }, { authorization: `Bearer ${token}`, traceparent });
    const [call] = arrived;
    const context = verifyContext(contextKeyOf(keys, 'crm'), call?.header, call?.body ?? '', new Date());
    const session = { sessionId: expect.any(String), authenticatedAtMs: expect.any(Number) };
    expect(context?.caller).toEqual({ kind: 'agent', ...gateway.agent, ...session });
    expect(context?.clientAddress).toBe('127.0.0.1');
    expect(call?.traceparent).toBe(traceparent);
    // Nor can a service that got it ask another one as the gateway.
    expect(verifyContext(contextKeyOf(keys, 'ingest'), call?.header, call?.body ?? '', new Date())).toBeNull();
    expect(verifyContext(contextKeyOf(keys, 'crm'), call?.header, `${call?.body} `, new Date())).toBeNull();
  });

  test('that are down are named in an error, and the rest of the answer is complete', async () => {
    const { url, server } = await serve(() => undefined);
    server.close();
    const gateway = await gatewayWith({ crm: url });
    const { body } = await gateway.ask(joined);
    expect(body.data).toEqual({ conversation: { buyerName: 'Li Wei', customer: null } });
    expect(body.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'crm', missing: ['Conversation.customer'] },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
    const ready = await fetch(`${gateway.healthOrigin}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', problems: ['crm does not answer'], service: 'gateway' },
    ]);
  });

  test.each([
    ['too late', () => undefined],
    ['with an error page', (_request, response) => void response.writeHead(502).end('<html>10.0.0.7</html>')],
    ['with JSON that is not GraphQL', (_request, response) => void response.end('[]')],
    [
      'with too much',
      (_request, response) =>
        void response.end(JSON.stringify({ data: { customer: { displayName: 'x'.repeat(20_000) } } })),
    ],
  ] satisfies [string, RequestListener][])('that answer %s are taken for absent', async (_, listener) => {
    const { url } = await serve(listener);
    const limits = { ...defaultLimits, subgraphTimeoutMs: 200, subgraphAnswerBytesMax: 10_000 };
    const gateway = await gatewayWith({ crm: url }, { limits });
    const { body } = await gateway.ask('{ customer(id: "x") { displayName } me { role } }');
    expect(body.data).toEqual({ customer: null, me: { role: 'AGENT' } });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', missing: ['customer'] });
  });

  test('are asked again over a new connection for a query, never for a mutation', async () => {
    let arrivals = 0;
    const { url } = await serve((request, response) => {
      arrivals += 1;
      if (arrivals === 1) request.socket.destroy();
      else response.end('{"data":{"customer":{"displayName":"A"},"markConversationRead":{"errors":[]}}}');
    });
    const gateway = await gatewayWith({ crm: url, conversation: url });
    expect((await gateway.ask('{ customer(id: "x") { displayName } }')).body).toEqual({
      data: { customer: { displayName: 'A' } },
    });
    expect(arrivals).toBe(2);
    arrivals = 0;
    const mutation =
      'mutation { markConversationRead(input: { conversationId: "c", expectedVersion: 1 }) { errors { code } } }';
    const { body } = await gateway.ask(mutation);
    expect(body.errors?.[0]?.message).toContain('may or may not have been done');
    expect(arrivals).toBe(1);
  });

  test('are no longer waited for when the client of a query goes away', async () => {
    let hasArrived = false;
    let wasLetGo = false;
    const { url } = await serve((request) => {
      hasArrived = true;
      request.socket.once('close', () => (wasLetGo = true));
    });
    const gateway = await gatewayWith({ crm: url });
    const client = new AbortController();
    const token = await gateway.tokenFor(gateway.agent);
    const asking = fetch(gateway.url, {
      method: 'POST',
      signal: client.signal,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ customer(id: "x") { displayName } }' }),
    });
    await until(() => hasArrived);
    client.abort();
    await expect(asking).rejects.toThrow('aborted');
    await until(() => wasLetGo);
    expect(wasLetGo).toBe(true);
  });
});

describe('each service in turn', () => {
  const modes: Partial<Record<ServiceName, 'hangs' | 'is dead'>> = {};
  let gateway: TestGateway;
  beforeAll(async () => {
    const subgraphs = await Promise.all(
      serviceNames.map(async (name) => {
        const http = fastify();
        http.addHook('onRequest', async ({ raw }) => {
          if (modes[name] === 'is dead') raw.socket.destroy();
          if (modes[name] !== undefined) await new Promise<never>(() => undefined);
        });
        mountSubgraph(http, localSubgraphs()[name], contextKeyOf(keys, name));
        const url = `${await http.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
        return { name, url, http };
      }),
    );
    gateway = await startGateway({
      subgraphs: Object.fromEntries(subgraphs.map(({ name, url }) => [name, { kind: 'http', url }])),
    });
    openedForAll.push(
      gateway,
      ...subgraphs.map(({ http }) => ({
        stop: async () => http.server.close().closeAllConnections(),
      })),
    );
  });
  afterAll(async () => {
    for (const { stop } of openedForAll) await stop();
  });
  const openedForAll: { stop(): Promise<unknown> }[] = [];

  const inbox = `{
    me { role } inboxOverview { conversationCount } channelAccounts { edges { node { displayName } } } customer(id: "x") { displayName }
    conversations(first: 1) { edges { node {
      buyerName account { displayName } customer { displayName }
      messages(first: 1) { edges { node { id language { locale } } } }
    } } }
  }`;
  const whole = {
    me: { role: 'AGENT' },
    inboxOverview: { conversationCount: 3 },
    channelAccounts: { edges: [{ node: { displayName: 'Store account-1' } }] },
    customer: { displayName: 'Customer x' },
  };
  const row = {
    buyerName: 'Li Wei',
    account: { displayName: 'Store account-1' },
    customer: { displayName: 'Customer of conversation-0' },
  };
  const message = { id: 'message of conversation-0', language: { locale: 'zh' } };
  const page = (node: object, shown: object = message) => ({
    edges: [{ node: { ...node, messages: { edges: [{ node: shown }] } } }],
  });
  const rest: Record<ServiceName, object> = {
    ingest: { ...whole, channelAccounts: null, conversations: page({ ...row, account: null }) },
    conversation: { ...whole, me: null, conversations: null },
    crm: { ...whole, customer: null, conversations: page({ ...row, customer: null }) },
    automation: { ...whole, conversations: page(row, { ...message, language: null }) },
    analytics: { ...whole, inboxOverview: null, conversations: page(row) },
  };

  test.each(serviceNames.flatMap((name) => (['hangs', 'is dead'] as const).map((mode) => [name, mode] as const)))(
    'when %s %s, the rest of the answer arrives, and the answers after it do not wait',
    async (name, mode) => {
      modes[name] = mode;
      const first = await gateway.ask(inbox);
      expect(first.body.data).toEqual(rest[name]);
      const problems = first.body.errors?.map(({ extensions: { code, subgraph } }) => ({ code, subgraph }));
      expect(new Set(problems?.map((problem) => JSON.stringify(problem)))).toEqual(
        new Set([JSON.stringify({ code: 'SUBGRAPH_UNAVAILABLE', subgraph: name })]),
      );
      const watch = startStopwatch();
      for (let times = 0; times < 3; times += 1) expect((await gateway.ask(inbox)).body.data).toEqual(rest[name]);
      expect(watch.quietMs()).toBeLessThan(900);
      delete modes[name];
      const isBack = async () => (await gateway.ask(inbox)).body.errors === undefined;
      while (!(await isBack()));
    },
  );

  test('a mutation is not sent to a service that hangs, and the error says so', async () => {
    modes.conversation = 'hangs';
    await gateway.ask('{ me { role } }');
    const { body } = await gateway.ask(
      'mutation { markConversationRead(input: { conversationId: "c", expectedVersion: 1 }) { errors { code } } }',
    );
    expect(body.errors?.[0]?.message).toContain('It was not done');
    delete modes.conversation;
  });

  test('a service that takes more than a second for one question is waited for', async () => {
    const slow = await gatewayWith({ crm: await serveSlowly('crm') });
    expect((await slow.ask('{ customer(id: "x") { displayName } }')).body).toEqual({
      data: { customer: { displayName: 'Customer x' } },
    });
  });
});
