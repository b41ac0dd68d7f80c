import type { AgentId, TenantId } from '@crossdesk/contracts';

/** Whether a person takes work, and how much. */
export interface Duty {
  readonly tenantId: TenantId;
  readonly agentId: AgentId;
  readonly isOnDuty: boolean;
  readonly since: Date;
  /** How many conversations in which something is owed they can have. */
  readonly capacity: number;
  readonly used: number;
  readonly assignedInShift: number;
  readonly unopened: number;
  readonly isHandingOver: boolean;
  readonly version: number;
}

export interface DutyChange {
  readonly isOnDuty: boolean;
  /** Whether what they owe goes to others when they leave. */
  readonly handsOver: boolean;
  readonly now: Date;
}

/** Somebody comes or leaves. Coming back ends a hand-over that has not run yet. */
export function changeDuty(duty: Duty, { isOnDuty, handsOver, now }: DutyChange): Duty {
  const isHandingOver = !isOnDuty && (handsOver || duty.isHandingOver);
  if (duty.isOnDuty === isOnDuty && duty.isHandingOver === isHandingOver) return duty;
  const version = duty.version + 1;
  if (duty.isOnDuty === isOnDuty) return { ...duty, isHandingOver, version };
  return {
    ...duty,
    isOnDuty,
    isHandingOver,
    since: now,
    assignedInShift: isOnDuty ? 0 : duty.assignedInShift,
    unopened: 0,
    version,
  };
}
