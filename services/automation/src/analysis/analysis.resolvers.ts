import { type MessageId, parseId } from '@crossdesk/contracts';
import type { Resolvers } from '../graphql.generated.ts';
import type { MessageReference } from './analysis.loaders.ts';

export const analysisResolvers: Resolvers = {
  Message: {
    __resolveReference: ({ id }) => ({ id }),
    language: ({ id }: MessageReference, _, { languages }) => {
      const messageId = parseId<MessageId>(id);
      return messageId === null ? null : languages.load(messageId);
    },
  },
};
