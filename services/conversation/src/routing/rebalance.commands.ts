import type { AgentId, TeamId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome, type ServiceRuntime, unchanged } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import { toConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB, Row } from '../db.ts';
import { queueNow } from '../queue/queue.store.ts';
import { noTeam } from '../team/team.commands.ts';
import { teamsByIds } from '../team/team.store.ts';
import type { Candidate } from './choose-agent.domain.ts';
import { notForWhoeverHadIt, released } from './released.ts';
import { candidatesOf } from './routing.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

const movedMax = 200;
/** Long enough for the others to get it. */
const notForMs = 60_000;

/**
 * Takes what waits longest from people who have more than their share, as far as others of the team can take it, and
 * gives it back to the queue, which spreads it. What somebody has read stays with them.
 */
export async function rebalanceQueue(
  deps: Deps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { teamId }: { readonly teamId: TeamId },
): Promise<Outcome<number, 'NOT_FOUND'>> {
  if (!(await teamsByIds(trx, tenantId, [teamId])).has(teamId)) return noTeam;
  const surplus = surplusOf(await candidatesOf(trx, tenantId, [teamId], 'unlocked'));
  const taken = [...surplus.keys()];
  if (taken.length === 0) return unchanged(0);
  const { rows } = await sql<Row<'conversation'>>`
    select * from conversation where tenant_id = ${tenantId} and id in (
      select p.id from unnest(${taken}::uuid[], ${[...surplus.values()]}::int[]) as s (agent_id, amount)
      cross join lateral (
        select c.id from conversation c
        where c.tenant_id = ${tenantId} and c.assignee_id = s.agent_id and c.team_id = ${teamId}
          and c.phase = 'open' and c.state in ('unread', 'transferred') and c.waiting_since is not null
        order by c.waiting_since, c.id limit s.amount) p)
    order by id limit ${movedMax} for update skip locked`.execute(trx);
  const changes = rows.map(toConversation).map((before) => released(before, origin));
  await saveChanges(deps, trx, changes);
  const options = { reason: 'rebalanced', notForMs, now: deps.clock.now() } as const;
  await queueNow(trx, changes.map(notForWhoeverHadIt), options);
  return changes.length === 0 ? unchanged(0) : changed(changes.length, teamId);
}

/** How many each person has above what they would have if all had the same share of what they can take. */
function surplusOf(candidates: readonly Candidate[]): Map<AgentId, number> {
  const able = candidates.filter(({ capacity }) => capacity > 0);
  const share =
    able.reduce((sum, { used }) => sum + used, 0) /
    Math.max(
      1,
      able.reduce((sum, { capacity }) => sum + capacity, 0),
    );
  const room = able.reduce((sum, { used, capacity }) => sum + Math.max(0, Math.floor(share * capacity) - used), 0);
  let left = room;
  const surplus = new Map<AgentId, number>();
  for (const { agentId, used, capacity } of able.toSorted((a, b) => b.used / b.capacity - a.used / a.capacity)) {
    const amount = Math.min(left, Math.max(0, used - Math.ceil(share * capacity)));
    if (amount > 0) surplus.set(agentId, amount);
    left -= amount;
  }
  return surplus;
}
