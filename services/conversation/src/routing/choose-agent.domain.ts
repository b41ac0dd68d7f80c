import type { AgentId, ChannelAccountId } from '@crossdesk/contracts';
import type { Skill } from '../duty/skill.domain.ts';
import { isLanguage, type Routing, seesStore, type Stores } from './routing-rules.domain.ts';

/** Somebody of the team who is on duty. */
export interface Candidate {
  readonly agentId: AgentId;
  readonly capacity: number;
  readonly used: number;
  readonly assignedInShift: number;
  readonly lastAssignedAt: Date | null;
  readonly skills: readonly Skill[];
  /** The stores that their role includes. */
  readonly stores: Stores;
}

export interface WaitingItem {
  /** The store it is of. */
  readonly accountId: ChannelAccountId;
  readonly needs: readonly Skill[];
  readonly excluded: readonly { readonly agentId: AgentId; readonly until: string }[];
  /** The person who wrote to the buyer last, within the sticky time. */
  readonly lastAgentId: AgentId | null;
}

export type Strategy = 'sticky' | 'specialist' | 'balanced';

/** What speaks against somebody. */
export type Obstacle = 'EXCLUDED' | 'NO_ROOM' | 'NO_SKILL' | 'NO_STORE';

export interface Choice {
  /** Null: it waits. */
  readonly agentId: AgentId | null;
  readonly strategy: Strategy | null;
  readonly reason: string;
  readonly trace: readonly SeenCandidate[];
}

export interface Limits extends Pick<Routing, 'stickyCapacityPercent'> {
  readonly now: Date;
}

/** Somebody who was looked at, with what they had and what spoke against them. */
export interface SeenCandidate {
  readonly agentId: AgentId;
  readonly used: number;
  readonly capacity: number;
  readonly obstacle: Obstacle | null;
}

/**
 * Who gets a conversation: whoever wrote to this buyer last, else whoever has the least for what they can take, of those
 * who may see its store and can do what is needed. Ties go to whoever got fewer in this shift, then to whoever has waited longest.
 */
export function chooseAgent(item: WaitingItem, candidates: readonly Candidate[], limits: Limits): Choice {
  const { now } = limits;
  const seen = candidates.map((one) => ({ one, obstacle: obstacleOf(item, one, now) }));
  const trace = seen.map(({ one: { agentId, used, capacity }, obstacle }) => ({ agentId, used, capacity, obstacle }));
  const last = seen.find(
    ({ one, obstacle }) => one.agentId === item.lastAgentId && obstacle !== 'EXCLUDED' && obstacle !== 'NO_STORE',
  );
  if (last !== undefined && hasRoom(last.one, limits.stickyCapacityPercent)) {
    return { agentId: last.one.agentId, strategy: 'sticky', reason: 'They wrote to this buyer last.', trace };
  }
  const free = seen.filter(({ obstacle }) => obstacle === null).map(({ one }) => one);
  const best = free.toSorted(byLoad)[0];
  if (best === undefined) return { agentId: null, strategy: null, reason: waitingReason(trace), trace };
  const strategy = item.needs.length > 0 ? 'specialist' : 'balanced';
  const share = `${best.used} of ${best.capacity}`;
  const reason =
    strategy === 'specialist'
      ? `They can do what is needed (${item.needs.map(skillText).join(', ')}), and have the least of those who can: ${share}.`
      : `They have the least of those on duty: ${share}.`;
  return { agentId: best.agentId, strategy, reason, trace };
}

/** Whether somebody can take one more within so much of their capacity. */
export function hasRoom({ used, capacity }: Pick<Candidate, 'used' | 'capacity'>, percent = 100): boolean {
  return (used + 1) * 100 <= capacity * percent;
}

export function obstacleOf({ accountId, needs, excluded }: WaitingItem, one: Candidate, now: Date): Obstacle | null {
  if (!seesStore(one.stores, accountId)) return 'NO_STORE';
  if (excluded.some(({ agentId, until }) => agentId === one.agentId && new Date(until) > now)) return 'EXCLUDED';
  if (!needs.every((need) => hasSkill(one.skills, need))) return 'NO_SKILL';
  return hasRoom(one) ? null : 'NO_ROOM';
}

export function hasSkill(skills: readonly Skill[], need: Skill): boolean {
  return skills.some(
    ({ kind, value, level }) =>
      kind === need.kind &&
      level >= need.level &&
      (kind === 'language' ? isLanguage(value, need.value) : value === need.value),
  );
}

function skillText({ value, level }: Skill): string {
  return `${value} at level ${level}`;
}

function byLoad(a: Candidate, b: Candidate): number {
  return (
    (a.used + 1) / a.capacity - (b.used + 1) / b.capacity ||
    a.assignedInShift - b.assignedInShift ||
    (a.lastAssignedAt?.getTime() ?? 0) - (b.lastAssignedAt?.getTime() ?? 0) ||
    (a.agentId < b.agentId ? -1 : 1)
  );
}

function waitingReason(trace: Choice['trace']): string {
  if (trace.length === 0) return 'Nobody of the team is on duty.';
  const seeing = trace.filter(({ obstacle }) => obstacle !== 'NO_STORE');
  if (seeing.length === 0) return 'The role of nobody on duty includes its store.';
  const suitable = seeing.filter(({ obstacle }) => obstacle !== 'NO_SKILL');
  if (suitable.length === 0) return 'Nobody on duty can do what is needed.';
  return suitable.every(({ obstacle }) => obstacle === 'EXCLUDED')
    ? 'Whoever is on duty has given it back.'
    : 'Everybody on duty who could take it has as much as they can.';
}
