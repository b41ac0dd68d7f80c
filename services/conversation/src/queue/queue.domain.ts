import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';

/** What the queue knows of a conversation. */
export interface WorkItem {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
  readonly phase: 'open' | 'snoozed' | 'closed' | 'merged';
  readonly state: 'unread' | 'pending' | 'handled' | 'transferred';
  readonly priority: 'low' | 'normal' | 'high' | 'urgent';
  readonly assigneeId: AgentId | null;
  readonly waitingSince: Date | null;
  readonly language: string | null;
  readonly enquiry: { readonly type: string } | null;
  readonly buyerVersion: number;
}

export interface WorkChange {
  readonly before: WorkItem;
  readonly after: WorkItem;
  /** The person who made the change; null for buyers, rules and the system. */
  readonly by: string | null;
}

/** Why a conversation is in the queue. */
export type QueueReason =
  'new' | 'declined' | 'not-opened' | 'shift-ended' | 'rebalanced' | 'handed-over' | 'role-changed';

/** Who may not get a conversation, and until when (ISO 8601). */
export interface Exclusion {
  readonly agentId: AgentId;
  readonly until: string;
}

/** Whether a person is looked for: something is owed in it, and nobody has it. */
export function isQueued({ phase, state, assigneeId }: WorkItem): boolean {
  return phase === 'open' && state !== 'handled' && assigneeId === null;
}

/** Whose work it is, if it counts against what they can take. */
export function loadedAgent({ phase, state, assigneeId }: WorkItem): AgentId | null {
  return phase === 'open' && state !== 'handled' ? assigneeId : null;
}

const hourMs = 3_600_000;
/** A conversation becomes as pressing as an urgent one when it has waited this much longer. */
const headStartMs = { urgent: 24 * hourMs, high: 4 * hourMs, normal: 0, low: -4 * hourMs } as const;

/** The place in the queue: earlier comes first. What is re-queued keeps its place. */
export function orderAt({ priority }: WorkItem, waitingSince: Date): Date {
  return new Date(waitingSince.getTime() - headStartMs[priority]);
}

export interface AgentLoad {
  readonly tenantId: TenantId;
  readonly agentId: AgentId;
  /** By how much their work changed. */
  readonly by: number;
  /** They looked at something that is theirs. */
  readonly hasOpened: boolean;
}

/** Somebody who does something, whatever it is. */
export interface Doer {
  readonly tenantId: TenantId;
  readonly agentId: string;
}

export interface QueueFollow {
  readonly enter: readonly WorkItem[];
  /** In the queue already, or not there because a machine answered: another place, or other needs. */
  readonly renew: readonly WorkItem[];
  readonly leave: readonly WorkItem[];
  /** Their offers are over: somebody looked, or they are no longer theirs. */
  readonly settled: readonly WorkItem[];
  /** In the order of their locks. */
  readonly loads: readonly AgentLoad[];
  /** Who made these changes: they are there. */
  readonly doers: readonly Doer[];
}

interface Move {
  readonly before: WorkItem;
  readonly after: WorkItem;
  /** Who of those who had it made a change. */
  readonly openedBy: AgentId | null;
}

/** What follows for the queue from changes of conversations, which are in their order. */
export function followChanges(changes: readonly WorkChange[]): QueueFollow {
  const moves = movesOf(changes);
  const isNew = ({ before, after }: Move) =>
    isQueued(after) && (!isQueued(before) || after.buyerVersion > before.buyerVersion);
  return {
    enter: moves.filter(isNew).map(({ after }) => after),
    renew: moves.filter((move) => !isNew(move) && isQueued(move.after) && isOther(move)).map(({ after }) => after),
    leave: moves.filter(({ before, after }) => isQueued(before) && !isQueued(after)).map(({ after }) => after),
    settled: moves
      .filter(({ before, after, openedBy }) => openedBy !== null || loadedAgent(before) !== loadedAgent(after))
      .map(({ after }) => after),
    loads: loadsOf(moves),
    doers: doersOf(changes),
  };
}

function doersOf(changes: readonly WorkChange[]): Doer[] {
  const doers = changes.flatMap(({ by, after: { tenantId } }) => (by === null ? [] : [{ tenantId, agentId: by }]));
  return [...new Map(doers.map((doer) => [`${doer.tenantId}/${doer.agentId}`, doer])).values()];
}

/** One move a conversation, from before the first change to after the last. */
function movesOf(changes: readonly WorkChange[]): Move[] {
  const moves = new Map<string, Move>();
  for (const { before, after, by } of changes) {
    const key = `${after.tenantId}/${after.id}`;
    const known = moves.get(key);
    const openedBy = by !== null && by === before.assigneeId ? before.assigneeId : null;
    moves.set(key, { before: known?.before ?? before, after, openedBy: openedBy ?? known?.openedBy ?? null });
  }
  return [...moves.values()];
}

function isOther({ before, after }: Move): boolean {
  return (
    after.language !== before.language ||
    after.enquiry?.type !== before.enquiry?.type ||
    after.priority !== before.priority
  );
}

function loadsOf(moves: readonly Move[]): AgentLoad[] {
  const loads = new Map<string, AgentLoad>();
  const add = ({ tenantId }: WorkItem, agentId: AgentId | null, by: number, hasOpened: boolean): void => {
    if (agentId === null) return;
    const key = `${tenantId}/${agentId}`;
    const known = loads.get(key);
    const sum = (known?.by ?? 0) + by;
    loads.set(key, { tenantId, agentId, by: sum, hasOpened: hasOpened || known?.hasOpened === true });
  };
  for (const { before, after, openedBy } of moves) {
    add(after, openedBy, 0, true);
    const [from, to] = [loadedAgent(before), loadedAgent(after)];
    if (from === to) continue;
    add(before, from, -1, false);
    add(after, to, 1, false);
  }
  const changed = [...loads].filter(([, { by, hasOpened }]) => by !== 0 || hasOpened);
  return changed.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, load]) => load);
}
