import type { AgentId } from '@crossdesk/contracts';

/** Somebody who works here and may see the store of a case. */
export interface Candidate {
  readonly agentId: AgentId;
  readonly isLead: boolean;
  /** Of the team of the case. */
  readonly isInTeam: boolean;
  readonly isOnDuty: boolean;
  /** Cases under way that are theirs. */
  readonly caseCount: number;
}

/** Of a team: on duty first, then whoever has the fewest cases. Null: nobody of the team may have it. */
export function chooseOwner(candidates: readonly Candidate[]): AgentId | null {
  return first(candidates.filter(({ isInTeam }) => isInTeam));
}

/** Whoever gets a case whose owner has left: somebody of its team, else a lead, else anybody who may have it. */
export function chooseSuccessor(candidates: readonly Candidate[]): AgentId | null {
  return chooseOwner(candidates) ?? first(candidates.filter(({ isLead }) => isLead)) ?? first(candidates);
}

/** Whoever gets what is escalated: a lead, else somebody who may have it. */
export function chooseLead(candidates: readonly Candidate[]): AgentId | null {
  return first(candidates.filter(({ isLead }) => isLead)) ?? chooseSuccessor(candidates);
}

function first(candidates: readonly Candidate[]): AgentId | null {
  const [best] = candidates.toSorted(
    (one, other) =>
      Number(other.isOnDuty) - Number(one.isOnDuty) ||
      one.caseCount - other.caseCount ||
      (one.agentId < other.agentId ? -1 : 1),
  );
  return best?.agentId ?? null;
}
