import type { AgentId } from '@crossdesk/contracts';
import { type Access, storesWithin } from '@crossdesk/service-kit';
import type { ConversationFilter } from './conversation-list.store.ts';

/**
 * The filter of a list with what the caller's role includes. The database shows nothing else anyway; with the filter a
 * list reads only the index ranges of these stores, instead of skipping the conversations of all others.
 */
export function withinAccess(
  filter: ConversationFilter,
  { agentId, access }: { readonly agentId: AgentId; readonly access?: Access },
): ConversationFilter {
  if (access === undefined) return filter;
  return {
    ...filter,
    accountIds: storesWithin(access, filter.accountIds),
    assigneeId: access.reach === 'own' ? (filter.assigneeId ?? agentId) : filter.assigneeId,
  };
}
