import type {
  AgentId,
  CaseId,
  ChannelAccountId,
  ConversationId,
  OrderId,
  SlaPolicyId,
  TeamId,
  TenantId,
} from '@crossdesk/contracts';
import { accept, type Decision, refuse, type Refused } from '@crossdesk/service-kit/decision';
import type { Priority } from '../clock/policy.domain.ts';

/** What a case is about. */
export const caseTypes = [
  'return',
  'exchange',
  'refund',
  'damaged',
  'wrong',
  'missing',
  'not-received',
  'quality',
  'logistics',
  'technical',
  'claim',
  'dispute',
  'chargeback',
  'other',
] as const;
export type CaseType = (typeof caseTypes)[number];

/** Waiting: for the buyer, the platform or a carrier. Resolved: our part is done. Closed: nothing more is to come. */
export const caseStates = ['open', 'waiting', 'resolved', 'closed'] as const;
export type CaseState = (typeof caseStates)[number];

/** When a case is due, and why then. */
export interface Due {
  readonly at: Date;
  /** Not after `at`. */
  readonly warnAt: Date;
  /** Conversation: its resolution clock was handed over. */
  readonly basis: 'conversation' | 'policy' | 'default' | 'person';
  readonly policyId: SlaPolicyId | null;
  readonly policyVersion: number | null;
}

/** How much of a due time was told. */
export type Told = 'nothing' | 'warned' | 'breached';

/** After-sales work with one owner. What `resolvedAt` and `closedAt` are follows from the state. */
export interface Case {
  readonly tenantId: TenantId;
  readonly id: CaseId;
  readonly number: number;
  readonly accountId: ChannelAccountId;
  readonly type: CaseType;
  readonly title: string;
  readonly state: CaseState;
  readonly priority: Priority;
  /** Never nobody. */
  readonly ownerId: AgentId;
  readonly teamId: TeamId | null;
  readonly cycle: number;
  /** When this cycle began. */
  readonly startedAt: Date;
  readonly due: Due;
  readonly told: Told;
  readonly openedBy: AgentId | null;
  readonly openedAt: Date;
  readonly resolvedAt: Date | null;
  readonly closedAt: Date | null;
  /** Counts its events. */
  readonly version: number;
  /** Counts what people decide by: what `expectedVersion` means. Notes, watchers and the clock do not change it. */
  readonly revision: number;
}

/** What a case is about: one of both. */
export type CaseLink = { readonly conversationId: ConversationId } | { readonly orderId: OrderId };

export const titleCharactersMax = 200;
export const caseNoteCharactersMax = 10_000;
export const linksMax = 50;
export const watchersMax = 100;

/** A closed case that is older than this stays closed: what happens later is another case (after-sales sheet, 5). */
export const reopenDaysMax = 30;
const dayMs = 86_400_000;

const moves: Readonly<Record<CaseState, readonly CaseState[]>> = {
  open: ['waiting', 'resolved'],
  waiting: ['open', 'resolved'],
  resolved: ['open', 'closed'],
  closed: ['open'],
};

export interface CaseChange {
  readonly expectedVersion: number;
  readonly now: Date;
}

export function isUnderWay({ state }: Pick<Case, 'state'>): boolean {
  return state === 'open' || state === 'waiting';
}

/** Where a case may be moved to now. */
export function allowedStates(present: Pick<Case, 'state' | 'closedAt'>, now: Date): CaseState[] {
  return moves[present.state].filter(() => !isTooOld(present, now));
}

/**
 * Moves a case to another state; the state that it has changes nothing. Reopening begins another cycle, which is due
 * anew.
 */
export function moveCase(
  present: Case,
  to: CaseState,
  { expectedVersion, now }: CaseChange,
  dueAnew: Due,
): Decision<Case, 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION'> {
  const conflict = refuseCaseVersion(present, expectedVersion);
  if (conflict !== null) return conflict;
  if (present.state === to) return accept(present);
  if (!moves[present.state].includes(to)) return refuse('ILLEGAL_TRANSITION', 'state', adviceFor(present.state, to));
  if (isTooOld(present, now))
    return refuse(
      'ILLEGAL_TRANSITION',
      'state',
      `The case was closed more than ${reopenDaysMax} days ago: escalate the conversation again, for a new case.`,
    );
  const after = nextCase(present, { state: to });
  if (to === 'resolved') return accept({ ...after, resolvedAt: now });
  if (to === 'closed') return accept({ ...after, closedAt: now });
  if (isUnderWay(present)) return accept(after);
  const anew = { cycle: present.cycle + 1, startedAt: now, due: dueAnew, told: 'nothing' } as const;
  return accept({ ...after, ...anew, resolvedAt: null, closedAt: null });
}

function isTooOld({ state, closedAt }: Pick<Case, 'state' | 'closedAt'>, now: Date): boolean {
  return state === 'closed' && closedAt !== null && now.getTime() - closedAt.getTime() > reopenDaysMax * dayMs;
}

function adviceFor(from: CaseState, to: CaseState): string {
  if (to === 'closed') return 'Only a resolved case can be closed: move it to RESOLVED first.';
  return `A ${from} case cannot be moved there: reopen it first, which is moving it to OPEN.`;
}

/** Gives a case to another owner, another team, or both. */
export function assignCaseTo(
  present: Case,
  { ownerId, teamId }: Pick<Case, 'ownerId' | 'teamId'>,
  expectedVersion: number,
): Decision<Case, 'VERSION_CONFLICT'> {
  const conflict = refuseCaseVersion(present, expectedVersion);
  if (conflict !== null) return conflict;
  const isSame = present.ownerId === ownerId && present.teamId === teamId;
  return accept(isSame ? present : nextCase(present, { ownerId, teamId }));
}

/** What people may write over; null leaves it as it is. */
export interface CaseDetails {
  readonly title: string | null;
  readonly priority: Priority | null;
  /** A time that a person sets. */
  readonly dueAt: Date | null;
}

/**
 * Changes title, priority or due time. Another priority makes it due by what applies to that priority, unless a person
 * or the conversation has set the time.
 */
export function updateDetails(
  present: Case,
  { title, priority, dueAt }: CaseDetails,
  { expectedVersion, now }: CaseChange,
  dueByPriority: Due,
): Decision<Case, 'VERSION_CONFLICT' | 'INVALID_INPUT' | 'ILLEGAL_TRANSITION'> {
  const conflict = refuseCaseVersion(present, expectedVersion);
  if (conflict !== null) return conflict;
  if (dueAt !== null && !isUnderWay(present))
    return refuse('ILLEGAL_TRANSITION', 'dueAt', 'Nothing is due in a case that is resolved: reopen it first.');
  if (dueAt !== null && dueAt <= now)
    return refuse('INVALID_INPUT', 'dueAt', 'This time is over: take one that is to come.');
  const isOther = priority !== null && priority !== present.priority;
  const isByRule = present.due.basis === 'policy' || present.due.basis === 'default';
  const by = dueAt === null ? (isOther && isByRule ? dueByPriority : present.due) : dueByPerson(dueAt, now);
  const due = by.at.getTime() === present.due.at.getTime() ? present.due : by;
  const after = { title: title ?? present.title, priority: priority ?? present.priority, due };
  const isSame = after.title === present.title && !isOther && due === present.due;
  if (isSame) return accept(present);
  return accept(nextCase(present, { ...after, told: due === present.due ? present.told : 'nothing' }));
}

/** The share of the time after which somebody is warned, where no policy says another one. */
export const warnPercentDefault = 75;

function dueByPerson(at: Date, now: Date): Due {
  const warnAt = new Date(now.getTime() + ((at.getTime() - now.getTime()) * warnPercentDefault) / 100);
  return { at, warnAt, basis: 'person', policyId: null, policyVersion: null };
}

/** What is to be told of a case now; null: nothing that was not told before. A breach makes a warning needless. */
export function tellingOf(present: Case, now: Date): 'warned' | 'breached' | null {
  if (!isUnderWay(present) || present.told === 'breached') return null;
  if (present.due.at <= now) return 'breached';
  return present.told === 'nothing' && present.due.warnAt <= now ? 'warned' : null;
}

/** When there is something to tell of a case; null: never, as it stands. */
export function nextTellingAt(present: Pick<Case, 'state' | 'told' | 'due'>): Date | null {
  if (!isUnderWay(present) || present.told === 'breached') return null;
  return present.told === 'nothing' ? present.due.warnAt : present.due.at;
}

/** The case after something that changes what people decide by. */
export function nextCase(present: Case, changes: Partial<Case>): Case {
  return { ...present, ...changes, version: present.version + 1, revision: present.revision + 1 };
}

/** The case after a note, a watcher, a link, or a look at the clock. */
export function touchedCase(present: Case, changes: Pick<Partial<Case>, 'told'> = {}): Case {
  return { ...present, ...changes, version: present.version + 1 };
}

export function refuseCaseVersion({ revision }: Case, expected: number): Refused<'VERSION_CONFLICT'> | null {
  if (revision === expected) return null;
  const message = `The case is at version ${revision} now: read it again, then decide again.`;
  return refuse('VERSION_CONFLICT', 'expectedVersion', message);
}
