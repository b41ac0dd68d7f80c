import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventId, type ServiceName, serviceNames } from '@crossdesk/contracts';
import {
  createLog,
  createSubgraph,
  type Logger,
  readSdl,
  type RequestContext,
  type ResolverMap,
  signedIn,
  type Subgraph,
} from '@crossdesk/service-kit';

export { type ServiceName, serviceNames };

export const quietLog: Logger = createLog('gateway-test', 'silent');

export const supergraphSdl = readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8');

export function sdlOf(name: ServiceName | 'gateway'): string {
  return readSdl(join(import.meta.dirname, '../..', name));
}

const agentOf = (agentId: string) => ({
  id: agentId,
  displayName: `Agent ${agentId.slice(-4)}`,
  role: 'AGENT',
  isActive: true,
});

/** The data that a test gives the service of a stream for an event; null if this caller may not see it. */
export type KnownEvents = (
  id: EventId,
  context: RequestContext,
) => {
  /** The subject of the event: the conversation, the account. */
  readonly subjectId: string;
  readonly kind: string;
  readonly agentId?: string;
} | null;

const conversationOf = (id: string) => ({
  __typename: 'Conversation',
  id,
  number: 7,
  channel: 'SHOPEE',
  account: { id: 'account-1' },
  buyerName: 'Li Wei',
  state: 'UNREAD',
  unreadCount: 1,
  lastMessageAt: new Date(0),
  version: 1,
  createdAt: new Date(0),
  notes: { edges: [], pageInfo: { hasNextPage: false, hasPreviousPage: false } },
});

/** The conversation service's schema over a few rows in memory. */
function conversationSubgraph(knownEvents: KnownEvents = () => null): Subgraph {
  return createSubgraph<RequestContext>({
    name: 'conversation',
    sdl: sdlOf('conversation'),
    log: quietLog,
    context: (request) => request,
    resolvers: [
      {
        Query: {
          me: (_: unknown, __: unknown, context: RequestContext) => agentOf(signedIn(context).agentId),
          conversation: (_: unknown, { id }: { id: string }) => conversationOf(id),
          conversations: (_: unknown, { first }: { first: number }) => ({
            edges: Array.from({ length: first }, (_row, n) => ({
              cursor: String(n),
              node: conversationOf(`conversation-${n}`),
            })),
            pageInfo: { hasNextPage: false, hasPreviousPage: false },
          }),
          agents: () => {
            throw new Error('select * from agents at 10.0.0.7 failed');
          },
          inboxEventsByIds: (_: unknown, { ids }: { ids: EventId[] }, context: RequestContext) =>
            ids.map((id) => {
              const known = knownEvents(id, context);
              if (known === null) return null;
              return {
                id,
                kind: known.kind,
                occurredAt: new Date(0),
                conversation: { ...conversationOf(known.subjectId), assigneeId: known.agentId },
              };
            }),
        },
        Mutation: {
          signIn: (_: unknown, { input }: { input: { password: string } }) =>
            input.password === 'right' ? { accessToken: 'a-token', errors: [] } : { errors: [] },
          markConversationRead: () => ({ errors: [] }),
        },
        Agent: {
          __resolveReference: ({ id }: { id: string }) => agentOf(id),
          email: ({ id }: { id: string }, _: unknown, context: RequestContext) =>
            id === signedIn(context).agentId ? 'me@example.com' : null,
        },
        Conversation: {
          __resolveReference: ({ id }: { id: string }) => conversationOf(id),
          assignee: ({ assigneeId }: { assigneeId?: string }) =>
            assigneeId === undefined ? null : agentOf(assigneeId),
          messages: ({ id }: { id: string }) => ({
            edges: [{ cursor: '1', node: { id: `message of ${id}` } }],
            pageInfo: { hasNextPage: false, hasPreviousPage: false },
          }),
        },
      },
    ],
  });
}

function crmSubgraph(): Subgraph {
  const customerOf = (id: string) => ({
    id,
    displayName: `Customer ${id}`,
    identities: [],
    conversations: [],
    orders: [],
    firstSeenAt: new Date(0),
  });
  return createSubgraph<RequestContext>({
    name: 'crm',
    sdl: sdlOf('crm'),
    log: quietLog,
    context: (request) => request,
    resolvers: [
      {
        Query: { customer: (_: unknown, { id }: { id: string }) => customerOf(id) },
        Conversation: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          customer: ({ id }: { id: string }) => customerOf(`of ${id}`),
        },
      },
    ],
  });
}

function smallSubgraph(name: ServiceName, resolvers: ResolverMap): Subgraph {
  return createSubgraph({ name, sdl: sdlOf(name), log: quietLog, context: () => ({}), resolvers: [resolvers] });
}

const accountOf = (id: string) => ({ id, displayName: `Store ${id}` });

const ingestResolvers: ResolverMap = {
  Query: { channelAccounts: () => ({ edges: [{ cursor: '1', node: accountOf('account-1') }] }) },
  ChannelAccount: { __resolveReference: ({ id }: { id: string }) => accountOf(id) },
};

const automationResolvers: ResolverMap = {
  Message: {
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    language: () => ({ locale: 'zh', confidence: 1 }),
  },
};

const analyticsResolvers: ResolverMap = {
  Query: { inboxOverview: () => ({ rows: [], conversationCount: 3 }) },
};

export function localSubgraphs(knownEvents?: KnownEvents): Record<ServiceName, Subgraph> {
  return {
    conversation: conversationSubgraph(knownEvents),
    crm: crmSubgraph(),
    ingest: smallSubgraph('ingest', ingestResolvers),
    automation: smallSubgraph('automation', automationResolvers),
    analytics: smallSubgraph('analytics', analyticsResolvers),
  };
}
