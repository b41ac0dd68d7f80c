import { type ServiceName, serviceNames } from '@crossdesk/contracts';
import { type EnumName, fromEnum, pageSize, signedInAs, toEnum } from '@crossdesk/service-kit';
import { unavailable } from '../federation/unavailable.ts';
import type { Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { AskService } from './ask-service.ts';
import { decodePlaces, mergeCounts, mergePages, type ServicePage } from './merged-list.ts';
import { auditEntriesOf, deadLettersOf, replayIn, replayMutation } from './service-lists.ts';

interface ListArgs {
  readonly service?: EnumName<ServiceName> | null | undefined;
  readonly first: number;
  readonly after?: string | null | undefined;
}

type ReadPage<Node> = (
  ask: AskService,
  service: ServiceName,
  wanted: { readonly first: number; readonly after: string | undefined },
) => Promise<ServicePage<Node> | null>;

export const operatorResolvers: Resolvers = {
  Query: {
    operator: (_, __, { request }) => {
      signedInAs(request, 'supervisor', 'admin');
      return {};
    },
  },
  Operator: {
    deadLetters: (_, args, context) =>
      mergedList(context, args, deadLettersOf, (a, b) => a.parkedAt.getTime() - b.parkedAt.getTime()),
    auditEntries: (_, args, context) =>
      mergedList(context, args, auditEntriesOf, (a, b) => b.at.getTime() - a.at.getTime()),
  },
  Mutation: {
    replayDeadLetters: async (_, { input }, { request, ask }) => {
      signedInAs(request, 'supervisor', 'admin');
      const service = serviceNames.find((name) => input.consumer.startsWith(`${name}.`));
      if (service === undefined) return noConsumer(input.consumer);
      const replayed = await replayIn(ask, service, input);
      if (replayed === null) throw unavailable(service, replayMutation, [], 'unknown');
      return replayed;
    },
  },
};

/** One list over the lists of the services; those that do not answer are named. */
async function mergedList<Node>(
  { ask }: GraphqlContext,
  args: ListArgs,
  read: ReadPage<Node>,
  compare: (a: Node, b: Node) => number,
) {
  const first = pageSize(args.first);
  const places = decodePlaces(args.after);
  const asked =
    args.service === null || args.service === undefined ? serviceNames : [fromEnum(serviceNames, args.service)];
  const answers = await Promise.all(asked.map((service) => read(ask, service, { first, after: places[service] })));
  const pages = answers.filter((page) => page !== null);
  const silent = asked.filter((service) => pages.every((page) => page.service !== service));
  const { edges, hasNextPage } = mergePages(pages, places, first, compare);
  return {
    edges: edges.map(({ cursor, node }) => ({ cursor, node: { ...node, service: toEnum(node.service) } })),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: Object.keys(places).length > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    ...mergeCounts(pages),
    unavailableServices: silent.map(toEnum),
  };
}

function noConsumer(consumer: string) {
  const message = `There is no consumer ${consumer.slice(0, 100)}: take the name from the list of dead letters.`;
  const errors = [{ code: 'NOT_FOUND' as const, message, path: ['input', 'consumer'] }];
  return { replayedCount: 0, remainingCount: 0, errors };
}
