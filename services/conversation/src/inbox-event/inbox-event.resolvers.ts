import { type EventId, parseId } from '@crossdesk/contracts';
import { signedIn } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import { messagesByIds } from '../message/message.store.ts';
import { type InboxEvent, inboxEventsByIds } from './inbox-event.store.ts';

const idsMax = 100;

export const inboxEventResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    inboxEventsByIds: async (_, { ids: texts }, { app, request, loaders }) => {
      const { tenantId } = signedIn(request);
      if (texts.length > idsMax)
        throw new GraphQLError(`ask for at most ${idsMax} events at once`, { extensions: { code: 'BAD_USER_INPUT' } });
      const ids = texts.map((text) => parseId<EventId>(text));
      const asked = ids.filter((id) => id !== null);
      if (asked.length === 0) return ids.map(() => null);
      const found = await app.runtime.db.forTenant(tenantId, (trx) => inboxEventsByIds(trx, tenantId, asked));
      const ofConversations = [...new Set([...found.values()].map(({ conversationId }) => conversationId))];
      const seen = await Promise.all(ofConversations.map((id) => loaders.load(conversationsByIds, id)));
      const seenIds = new Set(seen.map((conversation) => conversation?.id));
      // The history tells no store: an event is shown if its conversation is.
      const shown = (event: InboxEvent | undefined) =>
        event !== undefined && seenIds.has(event.conversationId) ? event : null;
      return ids.map((id) => (id === null ? null : shown(found.get(id))));
    },
  },
  InboxEvent: {
    // Only the stream knows the position of an event.
    cursor: () => null,
    conversation: ({ conversationId }, _, { loaders }) => loaders.loadPresent(conversationsByIds, conversationId),
    message: ({ messageId }, _, { loaders }) => (messageId === null ? null : loaders.load(messagesByIds, messageId)),
  },
};
