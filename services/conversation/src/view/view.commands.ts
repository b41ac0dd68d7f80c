import { type AgentId, newId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  refuseLimited,
  unchanged,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import type { DB } from '../db.ts';
import type { ViewCondition } from './view-field.domain.ts';
import { conflict, decideView, type View, type ViewId, type ViewWish } from './view.domain.ts';
import * as store from './view.store.ts';

export interface SaveViewInput extends Pick<ViewWish, 'name' | 'sorting' | 'expectedVersion'> {
  /** Null makes a new one. */
  readonly viewId: ViewId | null;
  readonly isEverybodys: boolean;
  readonly condition: ViewCondition;
}

type Refusal = 'INVALID_INPUT' | 'NOT_FOUND' | 'FORBIDDEN' | 'ALREADY_EXISTS' | 'VERSION_CONFLICT';

const noView = refuse('NOT_FOUND', 'viewId', 'There is no such view: take one from views.');
const leadersOnly = refuse('FORBIDDEN', 'scope', 'Views for everybody are changed by supervisors and admins.');
const stranger = refuse('FORBIDDEN', null, 'Only agents of this workspace have views: an admin has to add you first.');

/** Makes a view, or changes one: their own, or, for those who lead, everybody's. */
export async function saveView(
  _: unknown,
  { trx, actor }: CommandCall<DB>,
  { viewId, isEverybodys, ...wish }: SaveViewInput,
): Promise<Outcome<View, Refusal>> {
  const { tenantId } = actor;
  const agentId = agentOf(actor);
  if (agentId === null || !(await agentsByIds(trx, tenantId, [agentId])).has(agentId)) return stranger;
  await store.lockViews(trx, tenantId);
  const seen = await store.viewsFor(trx, tenantId, agentId);
  const known = seen.find(({ id }) => id === viewId) ?? null;
  if (viewId !== null && known === null) return noView;
  const refusal = isEverybodys || known?.ownerId === null ? refuseForEverybody(actor) : null;
  if (refusal !== null) return refusal;
  const ownerId = isEverybodys ? null : agentId;
  const others = seen.filter((view) => view.ownerId === ownerId && view !== known);
  const decision = decideView(others, known, { ...wish, ownerId }, { tenantId, id: known?.id ?? newId<ViewId>() });
  if (!decision.ok) return decision;
  if (decision.value === known) return unchanged(known);
  await store.saveView(trx, decision.value);
  return changed(decision.value, decision.value.id);
}

/** Deletes a view. Returns it as it was. */
export async function deleteView(
  _: unknown,
  { trx, actor }: CommandCall<DB>,
  { viewId, expectedVersion }: { readonly viewId: ViewId; readonly expectedVersion: number },
): Promise<Outcome<View, 'NOT_FOUND' | 'FORBIDDEN' | 'VERSION_CONFLICT'>> {
  const agentId = agentOf(actor);
  if (agentId === null) return noView;
  await store.lockViews(trx, actor.tenantId);
  const view = (await store.viewsByIds(trx, actor.tenantId, [viewId], agentId)).get(viewId);
  if (view === undefined) return noView;
  const refusal = view.ownerId === null ? refuseForEverybody(actor) : null;
  if (refusal !== null) return refusal;
  if (view.version !== expectedVersion) return conflict;
  await store.deleteView(trx, view);
  return changed(view, view.id);
}

/** Says in which order somebody wants to see the views. */
export async function orderViews(
  _: unknown,
  { trx, actor }: CommandCall<DB>,
  { viewIds }: { readonly viewIds: readonly ViewId[] },
): Promise<Outcome<View[], 'NOT_FOUND' | 'FORBIDDEN'>> {
  const { tenantId } = actor;
  const agentId: AgentId | null = agentOf(actor);
  if (agentId === null || !(await agentsByIds(trx, tenantId, [agentId])).has(agentId)) return stranger;
  const wanted = [...new Set(viewIds)];
  const before = await store.viewsFor(trx, tenantId, agentId);
  const isKnown = wanted.every((wish) => before.some(({ id }) => id === wish));
  if (!isKnown) return refuse('NOT_FOUND', 'viewIds', 'There is no such view: take them from views.');
  await store.saveViewOrder(trx, tenantId, agentId, wanted);
  return changed(await store.viewsFor(trx, tenantId, agentId), agentId);
}

function refuseForEverybody(actor: CommandCall<DB>['actor']) {
  const isLeading = (actor.kind === 'agent' || actor.kind === 'api-token') && actor.role !== 'agent';
  return isLeading ? refuseLimited(actor) : leadersOnly;
}
