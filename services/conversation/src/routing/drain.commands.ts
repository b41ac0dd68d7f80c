import type { AgentId, ConversationId, TeamId, TenantId } from '@crossdesk/contracts';
import { causedBySystem, type ServiceRuntime } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { type Conversation, route } from '../conversation/conversation.domain.ts';
import { assigned } from '../conversation/conversation.events.ts';
import { aggregateOf } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { placeLeftBehind, wakeTeams } from '../queue/queue.store.ts';
import { lookAfter } from '../queue/router-signal.ts';
import { isQueued } from '../queue/queue.domain.ts';
import { type Candidate, chooseAgent, type Choice, hasRoom, hasSkill } from './choose-agent.domain.ts';
import {
  entriesOf,
  headsOf,
  insertOffers,
  lastWritersOf,
  lockFree,
  needsElsewhere,
  needsInTeam,
  needsOf,
  type QueueEntry,
  takeWakes,
} from './queue-entry.store.ts';
import type { Routing, Stores } from './routing-rules.domain.ts';
import { candidatesOf, insertRecords, type Member, readRouting } from './routing.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
interface TeamKey {
  readonly tenantId: TenantId;
  readonly teamId: TeamId;
}

const batchMax = 200;
const dayMs = 24 * 3_600_000;

/**
 * Gives what waits in a team to its people, and what other teams of its chain cannot take: the only automatic way to a
 * person. Whoever frees room or changes the queue
 * has left a wake in their transaction; this run deletes it first, so a change that comes later is seen by the next one.
 * Locks conversations, then people, each in the order of their ids.
 */
export async function drainTeam(deps: Deps, trx: Transaction<DB>, team: TeamKey): Promise<number> {
  if (!(await takeWakes(trx, team))) return 0;
  const routing = await readRouting(trx, team.tenantId);
  if (!routing.isOn) return 0;
  const present = await candidatesOf(trx, team.tenantId, [team.teamId], 'unlocked');
  if (present.length === 0) {
    // Whoever was here has left: another team may be next in the chain.
    await placeLeftBehind(trx, team, deps.clock.now());
    lookAfter(trx, deps.outbox);
    return 0;
  }
  const heads = await headsFor(trx, team, routing, present);
  if (heads.length === 0) return 0;
  const conversations = await lockFree(trx, heads);
  const entries = (await entriesOf(trx, conversations)).filter(
    ({ team_id: id, spare_team_ids: spare }) => id === team.teamId || spare.includes(team.teamId),
  );
  const teams = new Set([team.teamId, ...entries.flatMap(({ team_id: id }) => id ?? [])]);
  const candidates = await candidatesOf(trx, team.tenantId, [...teams], 'locked');
  const given = await choose(trx, team, { routing, entries, conversations, candidates, now: deps.clock.now() });
  await give(deps, trx, team, routing, { conversations, given });
  // More may be behind a batch that was full and went; what somebody else has locked may stay in the queue.
  if ((heads.length === batchMax && given.length > 0) || conversations.length < heads.length)
    await wakeTeams(trx, team.tenantId, [team.teamId]);
  return given.length;
}

/** The first entries that somebody on duty may be able to take: of stores that whoever can do what they need may see. */
async function headsFor(
  trx: Transaction<DB>,
  team: TeamKey,
  { stickyCapacityPercent }: Routing,
  candidates: readonly Candidate[],
): Promise<QueueEntry[]> {
  const withRoom = candidates.filter((one) => hasRoom(one, stickyCapacityPercent));
  if (withRoom.length === 0) return [];
  const able = (needs: readonly string[]) =>
    needs.flatMap((text) => {
      const skilled = withRoom.filter(({ skills }) => needsOf({ needs: text }).every((need) => hasSkill(skills, need)));
      return skilled.length === 0 ? [] : [{ needs: text, stores: allStores(skilled) }];
    });
  const own = able(await needsInTeam(trx, team.tenantId, team.teamId));
  const spare = able(await needsElsewhere(trx, team.tenantId, team.teamId));
  const heads = [
    ...(own.length === 0 ? [] : await headsOf(trx, team, { wanted: own, from: 'itself' }, batchMax)),
    ...(spare.length === 0 ? [] : await headsOf(trx, team, { wanted: spare, from: 'others' }, batchMax)),
  ];
  return heads.toSorted((a, b) => a.order_at.getTime() - b.order_at.getTime()).slice(0, batchMax);
}

/** What people may see together; null: all stores. */
function allStores(people: readonly Candidate[]): Stores {
  const stores = people.map((one) => one.stores);
  return stores.includes(null) ? null : [...new Set(stores.flatMap((some) => some ?? []))];
}

interface Given {
  readonly entry: QueueEntry;
  readonly teamId: TeamId;
  readonly choice: Choice & { readonly agentId: AgentId; readonly strategy: NonNullable<Choice['strategy']> };
}

/** Decides one after the other: each choice counts for the next. The team in which something waits comes first. */
async function choose(
  trx: Transaction<DB>,
  team: TeamKey,
  {
    routing,
    entries,
    conversations,
    candidates,
    now,
  }: {
    readonly routing: Routing;
    readonly entries: readonly QueueEntry[];
    readonly conversations: readonly Conversation[];
    readonly candidates: readonly Member[];
    readonly now: Date;
  },
): Promise<Given[]> {
  const [tenantId, ids] = [entries[0]?.tenant_id, entries.map((entry) => entry.conversation_id)];
  if (tenantId === undefined) return [];
  const since = new Date(now.getTime() - routing.stickyDays * dayMs);
  const writers = await lastWritersOf(trx, tenantId, ids, since);
  const people = new Map(candidates.map((one) => [one.agentId, one]));
  const stores = new Map(conversations.map((one) => [one.id, one.accountId]));
  const limits = { now, stickyCapacityPercent: routing.stickyCapacityPercent };
  const given: Given[] = [];
  for (const entry of entries) {
    const accountId = stores.get(entry.conversation_id);
    if (accountId === undefined) continue;
    const item = {
      accountId,
      needs: needsOf(entry),
      excluded: entry.excluded,
      lastAgentId: writers.get(entry.conversation_id) ?? null,
    };
    const of = (id: TeamId) =>
      chooseAgent(
        item,
        [...people.values()].filter(({ teamIds }) => teamIds.includes(id)),
        limits,
      );
    const teamId = [entry.team_id ?? team.teamId, team.teamId].find((id) => of(id).agentId !== null);
    if (teamId === undefined) continue;
    const { agentId, strategy, ...rest } = of(teamId);
    const taker = agentId === null ? undefined : people.get(agentId);
    if (agentId === null || strategy === null || taker === undefined) continue;
    given.push({ entry, teamId, choice: { agentId, strategy, ...rest } });
    const { used, assignedInShift } = taker;
    people.set(agentId, { ...taker, used: used + 1, assignedInShift: assignedInShift + 1, lastAssignedAt: now });
  }
  return given;
}

async function give(
  deps: Deps,
  trx: Transaction<DB>,
  { tenantId }: TeamKey,
  { openWithinS }: Routing,
  {
    conversations,
    given,
  }: {
    readonly conversations: readonly Conversation[];
    readonly given: readonly Given[];
  },
): Promise<void> {
  const now = deps.clock.now();
  const known = new Map<ConversationId, Conversation>(conversations.map((one) => [one.id, one]));
  const steps = given.flatMap(({ entry, teamId, choice }) => {
    const before = known.get(entry.conversation_id);
    if (before === undefined || !isQueued(before)) return [];
    const after = route(before, { agentId: choice.agentId, teamId });
    const told = {
      aggregate: aggregateOf(after),
      conversation: after,
      origin: causedBySystem(),
    };
    const { strategy, reason } = choice;
    return [{ before, after, events: [assigned(told, { strategy, reason })], choice, entry }];
  });
  await saveChanges(deps, trx, steps);
  const taken = steps.map(({ after, choice, entry }) => ({
    tenantId,
    conversationId: after.id,
    agentId: choice.agentId,
    after,
    choice,
    entry,
  }));
  await insertOffers(trx, taken, { offeredAt: now, openUntil: new Date(now.getTime() + openWithinS * 1_000) });
  await insertRecords(
    trx,
    taken.map(({ after, entry, choice: { agentId, strategy, reason, trace }, ...key }) => ({
      ...key,
      version: after.version,
      at: now,
      teamId: after.teamId,
      agentId,
      strategy,
      reason,
      trace: [...trace],
      rule: entry.rule,
      customerMarks: entry.customer_marks,
    })),
  );
  await countAssigned(
    trx,
    tenantId,
    taken.map(({ agentId }) => agentId),
    now,
  );
}

async function countAssigned(
  trx: Transaction<DB>,
  tenantId: TenantId,
  agentIds: readonly AgentId[],
  now: Date,
): Promise<void> {
  if (agentIds.length === 0) return;
  await sql`
    update agent_duty d set assigned_in_shift = d.assigned_in_shift + n.count, last_assigned_at = ${now}
    from (select agent_id, count(*)::int from unnest(${agentIds}::uuid[]) as a (agent_id) group by agent_id) n
    where d.tenant_id = ${tenantId} and d.agent_id = n.agent_id`.execute(trx);
}
