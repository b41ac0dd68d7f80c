import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';
import { refuse, type Refused } from '@crossdesk/service-kit/decision';

/** A member works on a conversation besides its assignee; a watcher follows it. */
export type MemberRole = 'member' | 'watcher';

export interface Member {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  readonly role: MemberRole;
  /** Null: a rule added them. */
  readonly addedBy: AgentId | null;
  readonly addedAt: Date;
}

export type MemberStep = 'watch' | 'unwatch' | 'add' | 'remove';

/** What an agent is after a step; null: neither. To stop watching does not end a membership. */
export function roleAfter(role: MemberRole | null, step: MemberStep): MemberRole | null {
  switch (step) {
    case 'watch':
      return role ?? 'watcher';
    case 'add':
      return 'member';
    case 'unwatch':
      return role === 'watcher' ? null : role;
    case 'remove':
      return role === 'member' ? null : role;
  }
}

export const membersMax = 100;

export function refuseMany(count: number): Refused<'INVALID_INPUT'> | null {
  if (count < membersMax) return null;
  return refuse('INVALID_INPUT', 'conversationId', `At most ${membersMax} people follow one conversation.`);
}
