import { type EventId, parseId } from '@crossdesk/contracts';
import { signedIn } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { loadPresent } from '../graphql.loaders.ts';
import { findInboxEvent } from './inbox-event.store.ts';

export const inboxEventQueries: graphql.QueryResolvers<GraphqlContext> = {
  inboxEvent: (_, { id: text, cursor }, { app, request }) => {
    const { tenantId } = signedIn(request);
    const id = parseId<EventId>(text);
    return id === null
      ? null
      : app.runtime.db.forTenant(tenantId, (trx) => findInboxEvent(trx, tenantId, id, cursor ?? null));
  },
};

export const inboxEventFields: graphql.InboxEventResolvers<GraphqlContext> = {
  conversation: ({ conversationId }, _, { loaders }) => loadPresent(loaders.conversations, conversationId),
  message: ({ messageId }, _, { loaders }) => (messageId === null ? null : loaders.messages.load(messageId)),
};
