import type { AgentId } from '@crossdesk/contracts';
import { fromEnum, inputId, toEnum } from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { conversationPriorities, conversationStates } from '../conversation/conversation.domain.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { WishedAction, WorkAction } from './work-action.domain.ts';

export const workActionResolvers: graphql.Resolvers<GraphqlContext> = {
  WorkAction: {
    kind: ({ kind }) => toEnum(kind),
    text: (action) => (action.kind === 'reply' || action.kind === 'note' ? action.text : null),
    agent: (action, _, { loaders }) =>
      action.kind !== 'assign' || action.agentId === null || action.agentId === 'me'
        ? null
        : loaders.load(agentsByIds, action.agentId),
    isToMe: (action) => (action.kind === 'assign' ? action.agentId === 'me' : null),
    state: (action) => (action.kind === 'set-state' ? toEnum(action.state) : null),
    priority: (action) => (action.kind === 'set-priority' ? toEnum(action.priority) : null),
    attributes: (action) => (action.kind === 'set-attributes' ? [...action.values] : null),
    tags: (action) => (action.kind === 'add-tags' || action.kind === 'remove-tags' ? [...action.tags] : null),
  },
};

/** Every field that is given, as an action. */
export function wishedIn(input: graphql.WorkActionInput): WishedAction {
  const wished: (WorkAction | null)[] = [
    typeof input.reply === 'string' ? { kind: 'reply', text: input.reply } : null,
    typeof input.note === 'string' ? { kind: 'note', text: input.note } : null,
    input.assign ? { kind: 'assign', agentId: assigneeIn(input.assign) } : null,
    input.state ? { kind: 'set-state', state: fromEnum(conversationStates, input.state) } : null,
    input.priority ? { kind: 'set-priority', priority: fromEnum(conversationPriorities, input.priority) } : null,
    input.addTags ? { kind: 'add-tags', tags: input.addTags } : null,
    input.setAttributes
      ? {
          kind: 'set-attributes',
          values: input.setAttributes.map(({ key, value }) => ({ key, value: value ?? null })),
        }
      : null,
    input.removeTags ? { kind: 'remove-tags', tags: input.removeTags } : null,
  ];
  return wished.filter((action) => action !== null);
}

function assigneeIn({ agentId, isToMe }: graphql.AssignActionInput): AgentId | 'me' | null {
  if (isToMe) return 'me';
  return typeof agentId === 'string' ? inputId<AgentId>(agentId) : null;
}
