import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Agent } from './agent.store.ts';

export function agentChanged(
  aggregate: LockedAggregate,
  agent: Agent,
  origin: Origin,
): EventDraft<'conversation.agent-changed'> {
  const { id, displayName, role, isActive, customRoleId } = agent;
  return {
    aggregate,
    type: 'conversation.agent-changed',
    origin,
    data: { agentId: id, displayName, role, isActive, customRoleId },
  };
}
