import type { Actor, AgentId, RuleId, SessionId, TenantId } from '@crossdesk/contracts';
import type { Access } from './access.ts';
import type { Role } from './request-context.ts';

/**
 * The actor, always within one tenant: a person, a program with an API token, a rule (null: the bot itself), or the
 * system (timers and jobs).
 */
export type Principal = { readonly tenantId: TenantId } & (
  | {
      readonly kind: 'agent';
      readonly agentId: AgentId;
      readonly role: Role;
      readonly access?: Access;
      readonly authenticatedAtMs: number;
      readonly sessionId?: SessionId;
    }
  | { readonly kind: 'api-token'; readonly agentId: AgentId; readonly role: Role; readonly access?: Access }
  | { readonly kind: 'automation'; readonly ruleId: RuleId | null }
  | { readonly kind: 'system' }
);

/** The person or API token that acts; null for a rule and for the system. */
export function agentOf(actor: Principal): AgentId | null {
  return actor.kind === 'agent' || actor.kind === 'api-token' ? actor.agentId : null;
}

export function isAdmin(actor: Principal): boolean {
  return (actor.kind === 'agent' || actor.kind === 'api-token') && actor.role === 'admin';
}

/** The actor as events name it. */
export function actorOf(actor: Principal): Actor {
  switch (actor.kind) {
    case 'agent':
    case 'api-token':
      return { kind: 'agent', id: actor.agentId };
    case 'automation':
      return { kind: 'automation', id: actor.ruleId };
    case 'system':
      return { kind: 'system', id: null };
  }
}
