import { type MessageId, parseId } from '@crossdesk/contracts';
import { auditConnection, dateTimeScalar, deadLetterConnection, replayDeadLetters } from '@crossdesk/service-kit';
import type { MessageReference } from './analysis/analysis.loaders.ts';
import type { Resolvers } from './graphql.generated.ts';

export const resolvers: Resolvers = {
  DateTime: dateTimeScalar,
  Query: {
    automationDeadLetters: (_, args, ctx) => deadLetterConnection(ctx.app.runtime, ctx.request, args),
    automationAuditEntries: (_, args, ctx) => auditConnection(ctx.app.runtime, ctx.request, args),
  },
  Mutation: {
    replayAutomationDeadLetters: (_, { input }, ctx) => replayDeadLetters(ctx.app.runtime, ctx.request, input),
  },
  Message: {
    __resolveReference: ({ id }) => ({ id }),
    language: ({ id }: MessageReference, _, ctx) => {
      const messageId = parseId<MessageId>(id);
      return messageId === null ? null : ctx.languages.load(messageId);
    },
  },
};
