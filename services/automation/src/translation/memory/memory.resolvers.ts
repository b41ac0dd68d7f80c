import { parseId } from '@crossdesk/contracts';
import { signedInAs, toPayload } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type * as graphql from '../../graphql.generated.ts';
import type { TmUnitId } from '../ids.ts';
import { exportMemory, importMemory, readImport } from './memory.commands.ts';

const exportedMax = 1_000;

export const memoryResolvers: graphql.Resolvers = {
  Query: {
    exportTranslationMemory: (_, args, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const { sourceLocale, targetLocale, first } = args;
      if (first < 1 || first > exportedMax)
        throw new GraphQLError(`first must be between 1 and ${exportedMax}`, {
          extensions: { code: 'BAD_USER_INPUT' },
        });
      const after = args.after ? parseId<TmUnitId>(args.after) : null;
      if (args.after && after === null)
        throw new GraphQLError('after is no cursor: take endCursor of the part before', {
          extensions: { code: 'BAD_USER_INPUT' },
        });
      return exportMemory(runtime, tenantId, { sourceLocale, targetLocale, first, after });
    },
  },
  Mutation: {
    importTranslationMemory: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'admin');
      const { tmx, sourceLocale, targetLocale, areApproved } = input;
      const read = readImport({ tmx, sourceLocale, targetLocale, areApproved: areApproved ?? false });
      const outcome = read.ok
        ? await runtime.commands.asked(request, 'importTranslationMemory', (call) =>
            importMemory(runtime, call, read.value),
          )
        : read;
      return toPayload('result', outcome);
    },
  },
};
