import type { RuleId, TenantId } from '@crossdesk/contracts';
import type { Condition } from './condition.domain.ts';
import type { Weekday } from './field.domain.ts';

/**
 * What makes a rule look: a message of the buyer; the turn, when the buyer has written all they wanted to; a change of
 * state or assignee; or another state of the order.
 */
export const triggers = ['message', 'turn', 'conversation', 'order'] as const;
export type Trigger = (typeof triggers)[number];

/** shadow: it is evaluated and recorded, and does nothing; suggest: people see what it would do. */
export const modes = ['off', 'shadow', 'suggest', 'auto'] as const;
export type Mode = (typeof modes)[number];

export const actionTypes = ['reply', 'tag', 'assign', 'state', 'priority', 'escalate', 'workflow'] as const;
export type ActionType = (typeof actionTypes)[number];

export const priorities = ['low', 'normal', 'high', 'urgent'] as const;

/** `value`: the id of a template or agent, a state, a priority, or words. */
export interface Action {
  readonly type: ActionType;
  readonly value: string;
}

/** What only one rule may decide for an event; null: what all rules want is done. */
export function slotOf({ type }: Action): ActionType | null {
  return type === 'tag' ? null : type;
}

export const limitScopes = ['conversation', 'buyer', 'workspace'] as const;
export type LimitScope = (typeof limitScopes)[number];

/** At most so many times in the last hours. */
export interface Limit {
  readonly scope: LimitScope;
  readonly times: number;
  readonly hours: number;
}

/** Hours of weekdays; minutes after midnight. `to` before `from`: until the next morning. */
export interface Hours {
  readonly weekdays: readonly Weekday[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** What people write. */
export interface RuleContent {
  readonly name: string;
  readonly trigger: Trigger;
  /** How long after the trigger it looks, if nothing has happened meanwhile; null: at once. */
  readonly afterMinutes: number | null;
  readonly condition: Condition;
  readonly actions: readonly Action[];
  /** No later rule acts on the event after this one did. */
  readonly stops: boolean;
  readonly limits: readonly Limit[];
  /** IANA; for `schedule` and the fields of time. */
  readonly timeZone: string;
  /** Empty: always. */
  readonly schedule: readonly Hours[];
}

/** One version of a rule; it never changes. */
export interface RuleVersion extends RuleContent {
  readonly id: RuleId;
  readonly version: number;
  readonly mode: Mode;
}

export interface Rule extends RuleVersion {
  readonly tenantId: TenantId;
  readonly position: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The rules of a workspace in their order, as they were after a change; it never changes. */
export interface RuleSet {
  readonly number: number;
  readonly rules: readonly RuleVersion[];
}

export const noRules: RuleSet = { number: 0, rules: [] };
