import type { AgentId, ConversationId, MacroId, MacroRunId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse, refuseText } from '@crossdesk/service-kit/decision';
import { readAction, type WishedAction, type WorkAction } from '../work-action/work-action.domain.ts';

export const macroScopes = ['own', 'all'] as const;
export type MacroScope = (typeof macroScopes)[number];

/** Several actions that are carried out together. */
export interface Macro {
  readonly tenantId: TenantId;
  readonly id: MacroId;
  readonly name: string;
  /** Who may run it: its owner, or everybody. */
  readonly scope: MacroScope;
  readonly ownerId: AgentId;
  readonly actions: readonly WorkAction[];
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One use of a macro. */
export interface MacroRun {
  readonly tenantId: TenantId;
  readonly id: MacroRunId;
  readonly macroId: MacroId;
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  readonly ranAt: Date;
}

export type MacroContent = Pick<Macro, 'name' | 'scope' | 'actions'>;

export const macrosMax = 500;
const nameCharactersMax = 100;
const actionsMax = 10;

/** Reads what a macro is to be. */
export function readMacro(
  name: string,
  scope: MacroScope,
  wished: readonly WishedAction[],
): Decision<MacroContent, 'INVALID_INPUT'> {
  const refusal = refuseText('name', name, nameCharactersMax);
  if (refusal !== null) return refusal;
  if (wished.length === 0 || wished.length > actionsMax)
    return refuse('INVALID_INPUT', 'actions', `A macro has 1 to ${actionsMax} actions.`);
  const actions: WorkAction[] = [];
  for (const one of wished) {
    const action = readAction(one, 'actions');
    if (!action.ok) return action;
    actions.push(action.value);
  }
  return accept({ name: name.trim(), scope, actions });
}

interface Person {
  readonly agentId: AgentId;
  readonly role: string;
}

/** Whether somebody sees a macro and may run it. */
export function mayRun({ scope, ownerId }: Macro, { agentId }: Person): boolean {
  return scope === 'all' || ownerId === agentId;
}

/** A macro for everybody is changed by supervisors and admins, one of one's own by its owner. */
export function mayChange({ scope, ownerId }: Pick<Macro, 'scope' | 'ownerId'>, { agentId, role }: Person): boolean {
  return scope === 'all' ? role !== 'agent' : ownerId === agentId;
}

export function isSame(macro: Macro, { name, scope, actions }: MacroContent): boolean {
  return macro.name === name && macro.scope === scope && JSON.stringify(macro.actions) === JSON.stringify(actions);
}
