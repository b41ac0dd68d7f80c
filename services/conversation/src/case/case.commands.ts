import type { CaseId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  liftLimits,
  type Outcome,
  refuse,
  refuseText,
  unchanged,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { Priority } from '../clock/policy.domain.ts';
import type { CommandDeps } from '../conversation/conversation.commands.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { dueFor } from './case-due.ts';
import { conversationsOfCases } from './case-link.store.ts';
import { decideOwner, findSuccessor, type WishedOwner } from './case-owner.ts';
import {
  assignCaseTo,
  type Case,
  type CaseDetails,
  type CaseState,
  isUnderWay,
  moveCase,
  refuseCaseVersion,
  titleCharactersMax,
  updateDetails,
} from './case.domain.ts';
import { caseAssigned, caseChanged, caseResolved, caseStateChanged } from './case.events.ts';
import { caseAggregate, lockCase } from './case.store.ts';
import { mayOwn } from './owner.store.ts';
import { recordStep } from './record-case.ts';

type Call = CommandCall<DB>;
type Refusal = 'NOT_FOUND' | 'VERSION_CONFLICT' | 'INVALID_INPUT' | 'ILLEGAL_TRANSITION';

export interface CaseInput {
  readonly caseId: CaseId;
  readonly expectedVersion: number;
}

/** Gives a case to another owner or another team. */
export async function assignCase(
  deps: CommandDeps,
  { trx, actor, origin }: Call,
  { caseId, expectedVersion, ...wished }: CaseInput & WishedOwner,
): Promise<Outcome<Case, Refusal>> {
  const locked = await lockCase(trx, actor.tenantId, caseId);
  if (locked === null) return noCase;
  const conflict = refuseCaseVersion(locked, expectedVersion);
  if (conflict !== null) return conflict;
  await liftLimits(trx);
  const owner = await decideOwner(trx, locked, wished);
  if (!owner.ok) return owner;
  const decision = assignCaseTo(locked, owner.value, expectedVersion);
  if (!decision.ok) return decision;
  const after = decision.value;
  if (after === locked) return unchanged(after);
  const events = [
    caseAssigned(caseAggregate(after), after, { previousOwnerId: locked.ownerId, reason: 'person' }, origin),
  ];
  await recordStep(deps, trx, { before: locked, after, kind: 'assigned', events }, origin);
  return changed(after, after.id);
}

/** Moves a case to another state. Reopened, it gets a successor of an owner who has left. */
export async function setCaseState(
  deps: CommandDeps,
  { trx, actor, origin }: Call,
  { caseId, expectedVersion, state }: CaseInput & { readonly state: CaseState },
): Promise<Outcome<Case, Refusal>> {
  const locked = await lockCase(trx, actor.tenantId, caseId);
  if (locked === null) return noCase;
  const now = deps.clock.now();
  const dueAnew = isUnderWay(locked) ? locked.due : await presentDue(trx, locked, locked.priority, now);
  const decision = moveCase(locked, state, { expectedVersion, now }, dueAnew);
  if (!decision.ok) return decision;
  const moved = decision.value;
  if (moved === locked) return unchanged(locked);
  const told = [caseStateChanged(caseAggregate(moved), moved, locked.state, origin)];
  const resolved = moved.state === 'resolved' ? [caseResolved(caseAggregate(moved), moved, now, origin)] : [];
  await recordStep(
    deps,
    trx,
    { before: locked, after: moved, kind: 'state-changed', events: [...told, ...resolved] },
    origin,
  );
  const after = state === 'open' ? await succeed(deps, trx, moved, origin) : moved;
  return changed(after, after.id);
}

/** Changes title, priority or due time of a case. */
export async function updateCase(
  deps: CommandDeps,
  { trx, actor, origin }: Call,
  { caseId, expectedVersion, title, ...rest }: CaseInput & CaseDetails,
): Promise<Outcome<Case, Refusal>> {
  const locked = await lockCase(trx, actor.tenantId, caseId);
  if (locked === null) return noCase;
  const malformed = title === null ? null : refuseText('title', title, titleCharactersMax);
  if (malformed !== null) return malformed;
  const byPriority = await presentDue(trx, locked, rest.priority ?? locked.priority, locked.startedAt);
  const details = { ...rest, title: title?.trim() ?? null };
  const decision = updateDetails(locked, details, { expectedVersion, now: deps.clock.now() }, byPriority);
  if (!decision.ok) return decision;
  const after = decision.value;
  if (after === locked) return unchanged(after);
  const events = [caseChanged(caseAggregate(after), after, 'details', origin)];
  await recordStep(deps, trx, { before: locked, after, kind: 'changed', events }, origin);
  return changed(after, after.id);
}

/** When a case is due by the policy that applies to it now: that of its first conversation. */
export async function presentDue(trx: Transaction<DB>, one: Case, priority: Priority, startedAt: Date) {
  const [first] = (await conversationsOfCases(trx, one.tenantId, [one.id])).get(one.id) ?? [];
  const conversation =
    first === undefined ? undefined : (await conversationsByIds(trx, one.tenantId, [first])).get(first);
  if (conversation === undefined) return one.due;
  return dueFor(trx, conversation, priority, startedAt);
}

/** Gives a locked case to a successor if its owner may have it no longer. Without anybody who may, it stays. */
export async function succeed(
  deps: CommandDeps,
  trx: Transaction<DB>,
  locked: Case,
  origin: Call['origin'],
): Promise<Case> {
  if (await mayOwn(trx, locked, locked.ownerId)) return locked;
  const ownerId = await findSuccessor(trx, locked, locked.ownerId);
  if (ownerId === null) return locked;
  const decision = assignCaseTo(locked, { ownerId, teamId: locked.teamId }, locked.revision);
  if (!decision.ok) return locked;
  const after = decision.value;
  const events = [
    caseAssigned(caseAggregate(after), after, { previousOwnerId: locked.ownerId, reason: 'owner-left' }, origin),
  ];
  const told = { before: {}, after: { reason: 'owner-left' } };
  await recordStep(deps, trx, { before: locked, after, kind: 'assigned', told, events }, origin);
  return after;
}

export const noCase = refuse('NOT_FOUND', 'caseId', 'There is no case with this id: take one from cases.');
