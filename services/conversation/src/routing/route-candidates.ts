import type { AgentId, ConversationId, TeamId, TenantId } from '@crossdesk/contracts';
import { liftLimits } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type { CustomerMarks } from '../customer-mark/customer-mark.domain.ts';
import type { DB } from '../db.ts';
import type { Skill } from '../duty/skill.domain.ts';
import { chooseAgent, type SeenCandidate } from './choose-agent.domain.ts';
import { chosenBy, knownCustomers } from './known-customers.ts';
import { entriesByIds, lastWritersOf } from './queue-entry.store.ts';
import { place } from './routing-rules.domain.ts';
import { candidatesOf, readRouting, readTeams } from './routing.store.ts';

export interface Routes {
  readonly teamId: TeamId | null;
  readonly rule: string | null;
  readonly customerMarks: CustomerMarks | null;
  readonly needs: readonly Skill[];
  readonly agentId: AgentId | null;
  readonly reason: string;
  readonly candidates: readonly SeenCandidate[];
}

const dayMs = 24 * 3_600_000;

/** Who would get a conversation now: the same decisions as those of the queue, without acting. Null: it does not exist. */
export async function routeCandidates(
  trx: Transaction<DB>,
  tenantId: TenantId,
  id: ConversationId,
  now: Date,
): Promise<Routes | null> {
  const conversation = (await conversationsByIds(trx, tenantId, [id])).get(id);
  if (conversation === undefined) return null;
  // The queue decides by the tier of the customer as well; nothing of it is told here.
  await liftLimits(trx);
  const routing = await readRouting(trx, tenantId);
  const entry = (await entriesByIds(trx, tenantId, [id])).get(id);
  const teams = await readTeams(trx, tenantId);
  const customers = await knownCustomers(trx, tenantId, routing.rules, [id]);
  const facts = {
    ...conversation,
    marks: customers.marksOf(id),
    chosenBy: entry === undefined ? null : chosenBy(entry, conversation),
  };
  const placed = place(facts, { rules: routing.rules, teams, enteredAt: entry?.entered_at ?? now, now });
  if (placed === null) {
    const reason = 'There is no team: make one with saveTeam.';
    return { teamId: null, rule: null, customerMarks: null, needs: [], agentId: null, reason, candidates: [] };
  }
  const { rule, customerMarks, needs } = placed;
  const writers = await lastWritersOf(trx, tenantId, [id], new Date(now.getTime() - routing.stickyDays * dayMs));
  const { accountId } = conversation;
  const item = { accountId, needs, excluded: entry?.excluded ?? [], lastAgentId: writers.get(id) ?? null };
  const limits = { now, stickyCapacityPercent: routing.stickyCapacityPercent };
  const inTeam = async (teamId: TeamId): Promise<Routes> => {
    const candidates = await candidatesOf(trx, tenantId, [teamId], 'unlocked');
    const { agentId, reason, trace } = chooseAgent(item, candidates, limits);
    return { teamId, rule, customerMarks, needs, agentId, reason, candidates: trace };
  };
  const first = await inTeam(placed.teamId);
  // Any of the others that has somebody takes it when its own team cannot.
  for (const teamId of first.agentId === null ? placed.spareTeamIds : []) {
    const other = await inTeam(teamId);
    if (other.agentId !== null) return other;
  }
  return first;
}
