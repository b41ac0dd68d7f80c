import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { auditServer } from 'graphql-http';
import { startGateway, type TestGateway } from './gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ corsOrigins: ['https://desk.example.com'] });
});
afterAll(() => gateway.stop());

describe('GraphQL over HTTP', () => {
  test('all 61 audits of the specification pass', async () => {
    const results = await auditServer({ url: gateway.url, fetchFn: fetch });
    expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(results).toHaveLength(61);
  });

  test('one request joins the data of two services', async () => {
    const { status, body } = await gateway.ask(
      '{ conversation(id: "c1") { buyerName customer { displayName } } me { id } }',
    );
    expect(status).toBe(200);
    expect(body).toEqual({
      data: {
        conversation: { buyerName: 'Li Wei', customer: { displayName: 'Customer of c1' } },
        me: { id: gateway.agent.agentId },
      },
    });
  });

  test('a list of operations in one request is refused', async () => {
    const { body } = await gateway.send([{ query: '{ __typename }' }]);
    expect(body).toEqual({ errors: [expect.objectContaining({ extensions: { code: 'BAD_REQUEST' } })] });
  });

  test('a mutation by GET is refused and not run', async () => {
    const query = encodeURIComponent(
      'mutation { markConversationRead(input: { conversationId: "c", expectedVersion: 1 }) { errors { code } } }',
    );
    const response = await fetch(`${gateway.url}?query=${query}`, { headers: { accept: 'application/json' } });
    expect(response.status).toBe(405);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'a form on another site cannot post %s',
    async (contentType) => {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: '{"query":"{__typename}"}',
      });
      expect(response.status).toBe(415);
    },
  );

  test('a subscription by POST is told to open a WebSocket', async () => {
    const { body } = await gateway.ask('subscription { inboxEvents { id } }');
    expect(body.errors?.[0]?.message).toContain('WebSocket');
  });

  test('variables that do not fit are refused as the client’s mistake', async () => {
    const { body } = await gateway.ask('query($id: ID!) { conversation(id: $id) { id } }', {});
    expect(body.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  });

  test('an operation is chosen by name', async () => {
    const query = 'query A { me { id } } query B { me { role } }';
    expect((await gateway.send({ query, operationName: 'B' })).body).toEqual({ data: { me: { role: 'AGENT' } } });
    expect((await gateway.send({ query })).body.errors?.[0]?.extensions['code']).toBe('BAD_REQUEST');
  });

  test('the request id is ours, never the client’s', async () => {
    const { headers } = await gateway.send({ query: '{ __typename }' }, { 'x-request-id': 'chosen-by-client' });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-/);
  });
});

describe('introspection', () => {
  test.each([
    ['{ __type(name: "Query") { isOneOf name } }', { __type: { isOneOf: null, name: 'Query' } }],
    ['{ __type(name: "Nothing") { name } }', { __type: null }],
    [
      'query($no: Boolean!) { s: __schema @skip(if: $no) { queryType { name } } __typename me { role } }',
      { s: { queryType: { name: 'Query' } }, __typename: 'Query', me: { role: 'AGENT' } },
    ],
    [
      '{ ...A me { role } } fragment A on Query { ... @include(if: true) { __schema { mutationType { name } } } ...B } fragment B on Query { conversation(id: "c") { buyerName } }',
      {
        __schema: { mutationType: { name: 'Mutation' } },
        conversation: { buyerName: 'Li Wei' },
        me: { role: 'AGENT' },
      },
    ],
  ])('%s', async (query, data) => {
    const { status, body } = await gateway.ask(query, { no: false });
    expect([status, body]).toEqual([200, { data }]);
    expect(Object.keys(body.data ?? {})).toEqual(Object.keys(data));
  });

  test('the query of tools gets the whole schema', async () => {
    const query = getIntrospectionQuery({
      oneOf: true,
      inputValueDeprecation: true,
      specifiedByUrl: true,
      schemaDescription: true,
    });
    const { body } = await gateway.ask(query);
    expect(body.errors).toBeUndefined();
    expect(buildClientSchema(body.data as unknown as IntrospectionQuery).getType('Conversation')).toBeDefined();
  });
});

describe('what leaves the gateway', () => {
  test('an unexpected error shows nothing of its cause', async () => {
    const { body, headers } = await gateway.ask('{ agents { edges { cursor } } }');
    expect(JSON.stringify(body)).not.toMatch(/select|10\.0\.0\.7|stack/);
    expect(body.errors?.[0]?.extensions).toEqual({ code: 'INTERNAL', requestId: headers.get('x-request-id') });
  });

  test('a refusal of a service keeps its code', async () => {
    const { body } = await gateway.ask(
      '{ me { email } conversation(id: "c") { messages(first: 5) { pageInfo { hasNextPage } } } }',
    );
    expect(body.errors).toBeUndefined();
    expect(body.data?.['me']).toEqual({ email: 'me@example.com' });
  });

  test('answers carry security headers for browsers', async () => {
    const { headers } = await gateway.send({ query: '{ __typename }' }, {});
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('only pages of the listed sites may call', async () => {
    const ask = (origin: string) => gateway.send({ query: '{ __typename }' }, { origin });
    expect((await ask('https://desk.example.com')).headers.get('access-control-allow-origin')).toBe(
      'https://desk.example.com',
    );
    expect((await ask('https://desk.example.com.evil.test')).headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(gateway.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.test', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(403);
  });

  test.each(['authorization,baggage,content-type,sentry-trace', 'apollographql-client-name, apollo-require-preflight'])(
    'a listed site may send the headers %s',
    async (headers) => {
      const preflight = await fetch(gateway.url, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://desk.example.com',
          'access-control-request-method': 'POST',
          'access-control-request-headers': headers,
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-headers')).toBe(headers);
    },
  );

  test('metrics count requests, plans and subgraph calls', async () => {
    const text = await (await fetch(`${gateway.healthOrigin}/metrics`)).text();
    expect(text).toMatch(/crossdesk_graphql_request_seconds_count\{.*operation="query".*outcome="ok".*\} [1-9]/);
    expect(text).toMatch(/crossdesk_query_plans_total\{.*outcome="planned".*\} [1-9]/);
    expect(text).toMatch(/crossdesk_subgraph_request_seconds_count\{.*subgraph="crm".*\} [1-9]/);
  });

  test('the public keys are where clients look for them', async () => {
    const keys: unknown = await (await fetch(`${gateway.origin}/.well-known/jwks.json`)).json();
    expect(keys).toEqual({ keys: [gateway.issuer.publicJwk] });
  });

  test('it is alive and ready, which it tells at another port', async () => {
    for (const path of ['healthz', 'readyz', 'metrics'])
      expect((await fetch(`${gateway.origin}/${path}`)).status).toBe(404);
    expect((await fetch(`${gateway.healthOrigin}/healthz`)).status).toBe(200);
    const about = async (origin: string) => (await fetch(origin)).text();
    expect([await about(gateway.origin), await about(gateway.healthOrigin)]).toEqual([
      expect.stringContaining('/graphql'),
      expect.stringContaining('/readyz'),
    ]);
    expect(await (await fetch(`${gateway.healthOrigin}/readyz`)).json()).toEqual({
      status: 'ready',
      service: 'gateway',
      problems: [],
    });
  });
});
