import { afterEach, expect, test } from '@jest/globals';
import { createSubgraph, operatorSdl, type RequestContext } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { startGateway, type TestGateway } from './gateway.ts';
import { quietLog, sdlOf, type ServiceName, serviceNames } from './services.ts';

interface Page {
  readonly first: number;
  readonly after?: string | null;
}

/** A service that has parked events and audit entries at these minutes, oldest first. */
function serviceWith(name: ServiceName, minutes: readonly number[], fault: (() => never) | null = null) {
  const page = (rows: readonly { readonly minute: number; readonly node: object }[], { first, after }: Page) => {
    const start =
      after === null || after === undefined ? 0 : rows.findIndex(({ minute }) => String(minute) === after) + 1;
    const shown = rows.slice(start, start + first);
    return {
      edges: shown.map(({ minute, node }) => ({ cursor: String(minute), node })),
      pageInfo: { hasNextPage: start + first < rows.length, hasPreviousPage: false },
      totalCount: Math.min(rows.length, 1_000),
      isTotalCountExact: rows.length <= 1_000,
    };
  };
  const letters = minutes.map((minute) => ({
    minute,
    node: {
      id: `${name}-${minute}`,
      consumer: `${name}.main`,
      key: 'k',
      reason: 'r',
      attempts: 1,
      parkedAt: at(minute),
    },
  }));
  const entries = minutes.map((minute) => ({
    minute,
    node: { seq: minute, at: at(minute), actorKind: 'SYSTEM', action: name, hash: 'h' },
  }));
  const subgraph = createSubgraph<RequestContext>({
    name,
    sdl: [sdlOf(name), operatorSdl].join('\n'),
    log: quietLog,
    context: (request) => request,
    resolvers: [
      {
        Query: {
          deadLetters: (_: unknown, args: Page) => (fault === null ? page(letters, args) : fault()),
          auditEntries: (_: unknown, args: Page) => page(entries.toReversed(), args),
        },
        Mutation: {
          replayDeadLetters: (_: unknown, { input }: { input: { consumer: string } }) =>
            fault === null ? { replayedCount: input.consumer.length, remainingCount: 0, errors: [] } : fault(),
        },
      },
    ],
  });
  return { kind: 'local', subgraph } as const;
}

function at(minute: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, minute));
}

let gateway: TestGateway | null = null;
afterEach(() => gateway?.stop());

async function startWith(services: Partial<Record<ServiceName, ReturnType<typeof serviceWith>>>) {
  const subgraphs = Object.fromEntries(serviceNames.map((name) => [name, services[name] ?? serviceWith(name, [])]));
  gateway = await startGateway({ subgraphs });
  const { issuer } = gateway;
  const supervisor = await issuer.tokenFor({ ...gateway.agent, role: 'supervisor' });
  const { send } = gateway;
  return (query: string, token = supervisor) => send({ query }, { authorization: `Bearer ${token}` });
}

interface List {
  readonly edges: readonly {
    readonly node: { readonly service: string; readonly parkedAt?: string; readonly seq?: number };
  }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
  readonly isTotalCountExact: boolean;
  readonly unavailableServices: readonly string[];
}

async function listOf(ask: Awaited<ReturnType<typeof startWith>>, field: string, args = ''): Promise<List> {
  const node = field === 'deadLetters' ? 'service parkedAt' : 'service seq';
  const { body } = await ask(`{ operator { ${field}${args} {
    edges { node { ${node} } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount isTotalCountExact unavailableServices } } }`);
  expect(body.errors).toBeUndefined();
  const { operator } = body.data as { readonly operator: Readonly<Record<string, List>> };
  return operator[field] as List;
}

test('dead letters of all services are one list, oldest first, that pages without gap or repetition', async () => {
  const ask = await startWith({
    ingest: serviceWith('ingest', [1, 4, 5, 9]),
    crm: serviceWith('crm', [2, 3, 8]),
    analytics: serviceWith('analytics', [6, 7]),
  });
  const seen: string[] = [];
  let after: string | null = null;
  for (;;) {
    const list = await listOf(ask, 'deadLetters', `(first: 2${after === null ? '' : `, after: "${after}"`})`);
    expect(list.pageInfo.hasPreviousPage).toBe(after !== null);
    seen.push(...list.edges.map(({ node }) => `${node.parkedAt?.slice(14, 16)} ${node.service}`));
    expect([list.totalCount, list.isTotalCountExact]).toEqual([9, true]);
    if (!list.pageInfo.hasNextPage) break;
    after = list.pageInfo.endCursor;
  }
  const expected = ['INGEST', 'CRM', 'CRM', 'INGEST', 'INGEST', 'ANALYTICS', 'ANALYTICS', 'CRM', 'INGEST'];
  expect(seen).toEqual(expected.map((service, n) => `0${n + 1} ${service}`));
});

test('audit entries of all services are one list, newest first; `service` shows those of one', async () => {
  const ask = await startWith({ ingest: serviceWith('ingest', [1, 4]), crm: serviceWith('crm', [2, 3]) });
  const all = await listOf(ask, 'auditEntries', '(first: 3)');
  expect(all.edges.map(({ node }) => [node.seq, node.service])).toEqual([
    [4, 'INGEST'],
    [3, 'CRM'],
    [2, 'CRM'],
  ]);
  expect(all.pageInfo.hasNextPage).toBe(true);
  const one = await listOf(ask, 'auditEntries', '(service: CRM)');
  expect(one.edges.map(({ node }) => node.seq)).toEqual([3, 2]);
  expect(one.totalCount).toBe(2);
});

test('lists are counted up to a thousand, over all services together', async () => {
  const minutes = (length: number) => Array.from({ length }, (_, n) => n);
  const countsOf = async (ingest: number, crm: number) => {
    const ask = await startWith({
      ingest: serviceWith('ingest', minutes(ingest)),
      crm: serviceWith('crm', minutes(crm)),
    });
    const { totalCount, isTotalCountExact } = await listOf(ask, 'deadLetters', '(first: 1)');
    await gateway?.stop();
    gateway = null;
    return [totalCount, isTotalCountExact];
  };
  expect(await countsOf(400, 600)).toEqual([1_000, true]);
  expect(await countsOf(401, 600)).toEqual([1_000, false]);
  expect(await countsOf(1_001, 0)).toEqual([1_000, false]);
});

test('a service that does not answer is named, and the others are shown', async () => {
  const ask = await startWith({
    ingest: serviceWith('ingest', [1]),
    crm: serviceWith('crm', [2], () => {
      throw new Error('select from dead_letter failed');
    }),
  });
  const list = await listOf(ask, 'deadLetters');
  expect(list.edges.map(({ node }) => node.service)).toEqual(['INGEST']);
  expect(list.unavailableServices).toEqual(['CRM']);
  const replay = (consumer: string) =>
    ask(
      `mutation { replayDeadLetters(input: { consumer: "${consumer}", key: "k" }) { replayedCount errors { code path } } }`,
    );
  expect((await replay('crm.main')).body.errors?.[0]?.extensions).toMatchObject({
    code: 'SUBGRAPH_UNAVAILABLE',
    subgraph: 'crm',
  });
  expect((await replay('ingest.main')).body.data).toEqual({ replayDeadLetters: { replayedCount: 11, errors: [] } });
  expect((await replay('nobody')).body.data).toEqual({
    replayDeadLetters: { replayedCount: 0, errors: [{ code: 'NOT_FOUND', path: ['input', 'consumer'] }] },
  });
});

test('only supervisors and admins look, and what a service refuses is refused', async () => {
  const refuse = () => {
    throw new GraphQLError('first must be between 1 and 100', { extensions: { code: 'BAD_USER_INPUT' } });
  };
  const ask = await startWith({ crm: serviceWith('crm', [], refuse) });
  const codes = async (query: string, token?: string) =>
    (await ask(query, token)).body.errors?.map(({ extensions }) => extensions['code']);
  const agent = await gateway?.issuer.tokenFor(gateway.agent);
  expect(await codes('{ operator { deadLetters { unavailableServices } } }', agent)).toEqual(['FORBIDDEN']);
  expect(await codes('{ operator { deadLetters { unavailableServices } } }')).toEqual(['BAD_USER_INPUT']);
  expect(await codes('{ operator { auditEntries(after: "bm9uZQ") { unavailableServices } } }')).toEqual([
    'BAD_USER_INPUT',
  ]);
  expect(await codes('{ operator { auditEntries(first: 101) { unavailableServices } } }')).toEqual(['BAD_USER_INPUT']);
});
