import { leavesOf } from '@crossdesk/condition';
import type { AgentId, TenantId } from '@crossdesk/contracts';
import { spaced } from '@crossdesk/folded-text';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import type { ViewCondition } from './view-field.domain.ts';

declare const brand: unique symbol;
export type ViewId = string & { readonly [brand]: 'ViewId' };

export const viewPresets = ['mine', 'with-me', 'unassigned', 'waiting-longest', 'urgent'] as const;
export type ViewPreset = (typeof viewPresets)[number];

export interface View {
  readonly tenantId: TenantId;
  readonly id: ViewId;
  readonly name: string;
  /** Null: everybody's. */
  readonly ownerId: AgentId | null;
  readonly preset: ViewPreset | null;
  readonly condition: ViewCondition;
  readonly sorting: 'LAST_MESSAGE_DESC' | 'WAITING_LONGEST';
  readonly version: number;
}

export interface ViewWish extends Pick<View, 'name' | 'ownerId' | 'condition' | 'sorting'> {
  readonly expectedVersion: number;
}

type Refusal = 'INVALID_INPUT' | 'ALREADY_EXISTS' | 'VERSION_CONFLICT';

const nameCharactersMax = 100;
/** Of one person, or of everybody. */
const viewsMax = 100;

/**
 * The view as it is wanted; the same object if that changes nothing. `others` are the views of the same owner that are
 * there already, without this one.
 */
export function decideView(
  others: readonly View[],
  known: View | null,
  { expectedVersion, ...wish }: ViewWish,
  made: Pick<View, 'tenantId' | 'id'>,
): Decision<View, Refusal> {
  const name = spaced(wish.name);
  if (name === '' || name.length > nameCharactersMax)
    return refuse('INVALID_INPUT', 'name', `Write a name of 1 to ${nameCharactersMax} characters.`);
  if (known !== null && known.version !== expectedVersion) return conflict;
  if (others.some((other) => other.name === name))
    return refuse('ALREADY_EXISTS', 'name', 'There is a view of this name already: choose another one.');
  if (known === null && others.length >= viewsMax)
    return refuse('INVALID_INPUT', null, `There are ${viewsMax} views already: delete one first.`);
  const next = { ...made, ...wish, name, preset: null, version: (known?.version ?? 0) + 1 };
  return accept(known !== null && isSame(known, next) ? known : next);
}

export const conflict = refuse('VERSION_CONFLICT', 'expectedVersion', 'The view has changed since: look at it again.');

function isSame(one: View, other: View): boolean {
  const shown = ({ name, ownerId, condition, sorting }: View) => JSON.stringify([name, ownerId, condition, sorting]);
  return shown(one) === shown(other);
}

type Preset = Pick<View, 'name' | 'condition' | 'sorting'> & { readonly preset: ViewPreset };
const isOpen: ViewCondition = { kind: 'leaf', field: 'conversation.phase', op: 'in', values: ['open'] };

/** The views of a new workspace. */
export const presets: readonly Preset[] = [
  preset('mine', 'Mine', { kind: 'leaf', field: 'conversation.assignee', op: 'in', values: ['me'] }),
  preset('with-me', 'With me', { kind: 'leaf', field: 'conversation.members', op: 'in', values: ['me'] }),
  preset('unassigned', 'Unassigned', { kind: 'leaf', field: 'conversation.isAssigned', op: 'in', values: ['false'] }),
  { ...preset('waiting-longest', 'Waiting longest', { kind: 'all', of: [] }), sorting: 'WAITING_LONGEST' },
  preset('urgent', 'Urgent', { kind: 'leaf', field: 'conversation.priority', op: 'in', values: ['urgent'] }),
];

function preset(key: ViewPreset, name: string, condition: ViewCondition): Preset {
  return { preset: key, name, condition: { kind: 'all', of: [isOpen, condition] }, sorting: 'LAST_MESSAGE_DESC' };
}

/** The values of the leaves that every conversation of the view must have; null for a field without such a leaf. */
export function requiredValues(condition: ViewCondition, field: string): readonly string[] | null {
  const required = condition.kind === 'all' ? condition.of : [condition];
  const leaf = required
    .filter((part) => part.kind === 'leaf')
    .flatMap((part) => leavesOf(part))
    .find(({ leaf: one }) => one.field === field && one.op === 'in')?.leaf;
  return leaf?.values ?? null;
}
