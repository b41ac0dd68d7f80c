import { parseId } from '@crossdesk/contracts';
import { signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type { Resolvers } from '../../graphql.generated.ts';
import { askReprocessing } from './reprocess.commands.ts';
import type { ReprocessingId } from './reprocessing.ts';
import { reprocessingsByIds } from './reprocessing.store.ts';

export const reprocessResolvers: Resolvers = {
  Query: {
    reprocessing: (_, { id: text }, { request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const id = parseId<ReprocessingId>(text);
      return id === null ? null : loaders.load(reprocessingsByIds, id);
    },
  },
  Mutation: {
    reprocess: async (_, { input }, { app: { runtime, nudgeReprocessor }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const outcome = await runtime.commands.asked(request, 'reprocess', (call) =>
        askReprocessing(runtime, call, input),
      );
      nudgeReprocessor();
      return toPayload('reprocessing', outcome);
    },
  },
  Reprocessing: {
    __resolveReference: ({ id: text }, { request, loaders }) => {
      // Whom a query would refuse finds nothing among all objects.
      if (signedIn(request).role === 'agent') return null;
      const id = parseId<ReprocessingId>(text);
      return id === null ? null : loaders.load(reprocessingsByIds, id);
    },
    state: ({ state }) => toEnum(state),
    from: (row) => row.from_at,
    to: (row) => row.to_at,
    requestedAt: (row) => row.requested_at,
    finishedAt: (row) => row.finished_at,
  },
};
