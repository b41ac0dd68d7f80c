import { composeServices } from '@apollo/composition';
import type { ChannelAccountId } from '@crossdesk/contracts';
import { createSubgraph, type RequestContext, type Subgraph } from '@crossdesk/service-kit';
import { parse } from 'graphql';
import { liveStream } from '../src/live/live-stream.ts';
import { idIn, wordsIn } from '../src/live/stream-arguments.ts';
import { type KnownEvents, localSubgraphs, quietLog, sdlOf, type ServiceName, serviceNames } from './services.ts';

/** A second stream beside the inbox: it reads two topics, and what it shows depends on the role. */
export const storeEvents = liveStream<{ readonly accountId: ChannelAccountId; readonly kind: string }>({
  field: 'storeEvents',
  cursorField: 'storeCursor',
  byIds: 'storeEventsByIds',
  topics: ['ingest.account', 'ingest.delivery'],
  shown: {
    'ingest.account-changed': ({ data }) => ({ accountId: data.accountId, kind: 'ACCOUNT_CHANGED' }),
    'ingest.delivery-updated': ({ data }) => ({
      accountId: data.accountId,
      kind: data.status === 'failed' ? 'FAILED' : 'SENT',
    }),
  },
  filter(args, { role }) {
    const accountId = idIn(args, 'accountId');
    const kinds = wordsIn(args, 'kinds');
    return (facts) =>
      (accountId === null || facts.accountId === accountId) &&
      (kinds === null || kinds.includes(facts.kind)) &&
      (role !== 'agent' || facts.kind !== 'FAILED');
  },
});

const sdl = `${sdlOf('ingest')}
extend type Query { storeEventsByIds(ids: [ID!]!): [StoreEvent] storeCursor(from: StartPlace! = NOW): String }
enum StartPlace { NOW OLDEST }
type Subscription { storeEvents(after: String, accountId: ID, kinds: [StoreEventKind!]): StoreEvent! }
enum StoreEventKind { ACCOUNT_CHANGED SENT FAILED }
type StoreEvent { id: ID! cursor: String kind: StoreEventKind! account: ChannelAccount! agent: Agent }
type Agent @key(fields: "id", resolvable: false) { id: ID! }
`;

function ingestSubgraph(knownEvents: KnownEvents): Subgraph {
  return createSubgraph<RequestContext>({
    name: 'ingest',
    sdl,
    log: quietLog,
    context: (request) => request,
    resolvers: [
      {
        Query: {
          storeEventsByIds: (_: unknown, { ids }: { ids: Parameters<KnownEvents>[0][] }, context: RequestContext) =>
            ids.map((id) => {
              const known = knownEvents(id, context);
              if (known === null) return null;
              const account = { id: known.subjectId, displayName: `Store ${known.subjectId}` };
              return {
                id,
                kind: known.kind,
                account,
                agent: known.agentId === undefined ? null : { id: known.agentId },
              };
            }),
        },
      },
    ],
  });
}

/** The subgraphs of the tests, with this stream in that of ingest. */
export function subgraphsWithStores(knownEvents: KnownEvents): Record<ServiceName, Subgraph> {
  return { ...localSubgraphs(knownEvents), ingest: ingestSubgraph(knownEvents) };
}

export function supergraphWithStores(): string {
  const { supergraphSdl, errors } = composeServices(
    serviceNames.map((name) => ({
      name,
      typeDefs: parse(name === 'ingest' ? sdl : sdlOf(name)),
      url: `http://${name}.invalid`,
    })),
  );
  if (supergraphSdl === undefined) throw new Error(`the subgraphs do not compose: ${errors?.join('; ')}`);
  return supergraphSdl;
}
