import type { AgentId } from '@crossdesk/contracts';
import { accept, type Outcome, refuse } from '../refusal.domain.ts';

/** What of a person decides about his access. */
interface Standing {
  readonly id: AgentId;
  readonly role: string;
  readonly isActive: boolean;
  readonly version: number;
  readonly tokenEpoch: number;
}

interface AgentChange<Agent extends Standing> {
  readonly by: AgentId;
  readonly expectedVersion: number;
  readonly role: Agent['role'] | null;
  readonly isActive: boolean | null;
}

/**
 * Gives a person another role, or takes his access or gives it back. What he signed in with ends. Nobody does it to
 * himself, so that a workspace never loses its last admin.
 */
export function changeAgent<Agent extends Standing>(agent: Agent, change: AgentChange<Agent>): Outcome<Agent> {
  if (agent.version !== change.expectedVersion) {
    const message = `The agent is at version ${agent.version} now: read it again and decide anew.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  if (agent.id === change.by) {
    return refuse('NOT_ALLOWED', 'agentId', 'Nobody changes his own role or access: ask another admin.');
  }
  const { role, isActive } = { role: change.role ?? agent.role, isActive: change.isActive ?? agent.isActive };
  if (role === agent.role && isActive === agent.isActive) return accept(agent);
  return accept({ ...withoutTokens(agent), role, isActive, version: agent.version + 1 });
}

/** From now on no access token of the agent holds that was made before. */
export function withoutTokens<Agent extends Standing>(agent: Agent): Agent {
  return { ...agent, tokenEpoch: agent.tokenEpoch + 1 };
}
