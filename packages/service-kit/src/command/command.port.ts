import type { Actor, AgentId, RuleId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { Role } from '../http/request-context.ts';
import type { Origin } from '../outbox/outbox.ts';
import type { Refused } from './decision.domain.ts';

/** Who acts, always within one tenant: a person, a program with an API token, a rule, or the system (timers and jobs). */
export type Principal = { readonly tenantId: TenantId } & (
  | { readonly kind: 'agent' | 'api-token'; readonly agentId: AgentId; readonly role: Role }
  | { readonly kind: 'automation'; readonly ruleId: RuleId }
  | { readonly kind: 'system' }
);

/** One call of a command: the transaction it runs in, who acts, and what caused it. */
export interface CommandCall<Tables> {
  readonly trx: Transaction<Tables>;
  readonly actor: Principal;
  readonly origin: Origin;
}

/** A command did what it was called for. */
export interface Done<Value> {
  readonly ok: true;
  readonly value: Value;
  /** The id of what was made or changed, for the audit chain; null when nothing was to be done. */
  readonly did: string | null;
}

/** What became of a command. A refused one has written nothing. */
export type Outcome<Value, Code extends string> = Done<Value> | Refused<Code>;

/**
 * Decides and writes, in the transaction of its call. It opens no transaction, reads no request and sends nothing: so a
 * mutation, a consumer and a timer can all carry it out.
 */
export type Command<Tables, Result extends Outcome<unknown, string>> = (call: CommandCall<Tables>) => Promise<Result>;

export function changed<Value>(value: Value, id: string): Done<Value> {
  return { ok: true, value, did: id };
}

export function unchanged<Value>(value: Value): Done<Value> {
  return { ok: true, value, did: null };
}

/** The person or API token that acts; null for a rule and for the system. */
export function agentOf(actor: Principal): AgentId | null {
  return actor.kind === 'agent' || actor.kind === 'api-token' ? actor.agentId : null;
}

export function isAdmin(actor: Principal): boolean {
  return (actor.kind === 'agent' || actor.kind === 'api-token') && actor.role === 'admin';
}

/** How events name who acts. */
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
