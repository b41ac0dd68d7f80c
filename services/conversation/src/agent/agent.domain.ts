import type { AgentId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';

/** The part of a person that decides about their access. */
interface Standing {
  readonly id: AgentId;
  readonly role: string;
  readonly isActive: boolean;
  readonly version: number;
  readonly tokenEpoch: number;
}

interface AgentChange<Agent extends Standing> {
  /** Null for the system. */
  readonly by: AgentId | null;
  readonly expectedVersion: number;
  readonly role: Agent['role'] | null;
  readonly isActive: boolean | null;
}

/**
 * Gives a person another role, or takes their access away or gives it back. Their access tokens end. Nobody may do it
 * to themselves, so that a workspace never loses its last admin.
 */
export function changeAgent<Agent extends Standing>(
  agent: Agent,
  change: AgentChange<Agent>,
): Decision<Agent, 'VERSION_CONFLICT' | 'FORBIDDEN'> {
  if (agent.version !== change.expectedVersion) {
    const message = `The agent is at version ${agent.version} now: read it again, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  if (agent.id === change.by) {
    return refuse('FORBIDDEN', 'agentId', 'Nobody may change their own role or access: ask another admin.');
  }
  const { role, isActive } = { role: change.role ?? agent.role, isActive: change.isActive ?? agent.isActive };
  if (role === agent.role && isActive === agent.isActive) return accept(agent);
  return accept({ ...withoutTokens(agent), role, isActive, version: agent.version + 1 });
}

/** Ends all access tokens of the agent issued so far. */
export function withoutTokens<Agent extends Standing>(agent: Agent): Agent {
  return { ...agent, tokenEpoch: agent.tokenEpoch + 1 };
}
