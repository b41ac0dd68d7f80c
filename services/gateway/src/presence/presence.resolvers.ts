import { type ConversationId, parseId } from '@crossdesk/contracts';
import { fromEnum, signedIn, toEnum } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { unavailable } from '../federation/unavailable.ts';
import type { Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';

const idsMax = 100;
const states = ['viewing', 'typing', 'replying'] as const;

export const presenceResolvers: Resolvers = {
  Query: {
    conversationPresenceByIds: async (_, { ids }, context) => {
      signedIn(context.request);
      if (ids.length > idsMax)
        throw new GraphQLError(`ids takes at most ${idsMax} ids`, { extensions: { code: 'BAD_USER_INPUT' } });
      const found = await visibleOf(ids, context);
      return ids.map((text) => {
        const id = parseId<ConversationId>(text);
        return id !== null && found.has(id) ? presenceAt(id, context) : null;
      });
    },
  },
  Mutation: {
    setPresence: async (_, { input }, context) => {
      const caller = signedIn(context.request);
      if (caller.kind !== 'agent') return refused('FORBIDDEN', 'Only people can be seen at a conversation.', []);
      const id = parseId<ConversationId>(input.conversationId);
      if (id === null || !(await visibleOf([id], context)).has(id))
        return refused('NOT_FOUND', 'There is no conversation with this id in your workspace.', ['conversationId']);
      const place = { tenantId: caller.tenantId, conversationId: id };
      context.presence.set(place, caller.agentId, fromEnum(states, input.state));
      return { presence: presenceAt(id, context), errors: [] };
    },
  },
};

function refused(code: 'FORBIDDEN' | 'NOT_FOUND', message: string, path: string[]) {
  return { presence: null, errors: [{ code, message, path: ['input', ...path] }] };
}

/** Those of the conversations that the caller may see: whoever may not see one learns nothing of who is there. */
async function visibleOf(texts: readonly string[], { ask }: GraphqlContext): Promise<ReadonlySet<string>> {
  const ids = texts.flatMap((text) => parseId<ConversationId>(text) ?? []);
  if (ids.length === 0) return new Set();
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Conversation { id } } }`;
  const of = ids.map((id) => ({ __typename: 'Conversation', id }));
  const data = await ask('conversation', { query, variables: { of }, isMutation: false });
  if (data === null) throw unavailable('conversation', '{ conversationPresenceByIds }', [], 'none');
  // The schema of the service has checked the answer, so its shape is trusted.
  const entities = (data['_entities'] ?? []) as readonly ({ readonly id: string } | null)[];
  return new Set(entities.flatMap((entity) => entity?.id ?? []));
}

function presenceAt(conversationId: ConversationId, { presence, request }: GraphqlContext) {
  const people = presence.at({ tenantId: signedIn(request).tenantId, conversationId });
  return {
    conversation: { id: conversationId },
    people: people.map(({ agentId, state, since }) => ({ agent: { id: agentId }, state: toEnum(state), since })),
  };
}
