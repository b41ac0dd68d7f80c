import { type MessageId, parseId } from '@crossdesk/contracts';
import { dateTimeScalar, deadLetterConnection, replayDeadLetters, type ResolverMap } from '@crossdesk/service-kit';
import type { GraphqlContext } from './graphql-context.ts';

export const resolvers: ResolverMap = {
  DateTime: dateTimeScalar,
  Query: {
    automationDeadLetters: (_: unknown, args: { first: number; after?: string | null }, ctx: GraphqlContext) =>
      deadLetterConnection(ctx.app.runtime, ctx.request, args),
  },
  Mutation: {
    replayAutomationDeadLetters: (
      _: unknown,
      { input }: { input: { consumer: string; key: string } },
      ctx: GraphqlContext,
    ) => replayDeadLetters(ctx.app.runtime, ctx.request, input),
  },
  Message: {
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    language: ({ id }: { id: string }, _: unknown, ctx: GraphqlContext) => {
      const messageId = parseId<MessageId>(id);
      return messageId === null ? null : ctx.languages.load(messageId);
    },
  },
};
