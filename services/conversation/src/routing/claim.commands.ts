import type { AgentId, ConversationId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type Refused,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { agentsByIds } from '../agent/agent.store.ts';
import { noConversation } from '../conversation/conversation.commands.ts';
import { type Conversation, route, seenBy } from '../conversation/conversation.domain.ts';
import { assigned } from '../conversation/conversation.events.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import type { Duty } from '../duty/duty.domain.ts';
import { lockDuty } from '../duty/duty.store.ts';
import { skillsOf } from '../duty/skill.store.ts';
import { isQueued } from '../queue/queue.domain.ts';
import { queueNow } from '../queue/queue.store.ts';
import { teamsOfAgents } from '../team/team.store.ts';
import { hasRoom, hasSkill } from './choose-agent.domain.ts';
import { excludedMs } from './offer.commands.ts';
import { headsOf, lockFree, needsInTeam, needsOf, type QueueEntry } from './queue-entry.store.ts';
import { notForWhoeverHadIt, released } from './released.ts';
import { insertRecords } from './routing.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

/** Takes a conversation that nobody has, also beyond what they can take. Of many who do so at once, one gets it. */
export async function claimConversation(
  deps: Deps,
  call: CommandCall<DB>,
  { conversationId }: { readonly conversationId: ConversationId },
): Promise<Outcome<Conversation, 'ALREADY_TAKEN' | 'FORBIDDEN' | 'NOT_FOUND'>> {
  const claimer = await personOf(call);
  if (claimer === null) return stranger;
  const locked = await lockConversation(call.trx, { tenantId: call.actor.tenantId, id: conversationId });
  if (locked === null) return noConversation;
  if (locked.assigneeId === claimer) return unchanged(locked);
  return locked.assigneeId === null ? take(deps, call, locked, claimer) : alreadyTaken;
}

/** Takes what has waited longest in the caller's teams and they can do, as long as they have room; null if nothing does. */
export async function claimNext(
  deps: Deps,
  call: CommandCall<DB>,
): Promise<Outcome<Conversation | null, 'FORBIDDEN' | 'NO_ROOM'>> {
  const claimer = await personOf(call);
  if (claimer === null) return stranger;
  for (const head of await headsForPerson(call.trx, call, claimer)) {
    const [locked] = await lockFree(call.trx, [head]);
    if (locked === undefined || !isQueued(locked)) continue;
    const duty = await lockDuty(call.trx, locked.tenantId, claimer);
    return duty !== null && !hasRoom(duty) ? noRoom(duty) : take(deps, call, locked, claimer);
  }
  return unchanged(null);
}

const headsMax = 20;

async function headsForPerson(
  trx: Transaction<DB>,
  { actor: { tenantId } }: CommandCall<DB>,
  agentId: AgentId,
): Promise<QueueEntry[]> {
  const teams = (await teamsOfAgents(trx, tenantId, [agentId])).get(agentId) ?? [];
  const skills = (await skillsOf(trx, tenantId, [agentId])).get(agentId) ?? [];
  const heads: QueueEntry[] = [];
  for (const { id: teamId } of teams) {
    const needs = (await needsInTeam(trx, tenantId, teamId)).filter((text) =>
      needsOf({ needs: text }).every((need) => hasSkill(skills, need)),
    );
    // The database shows no entries of other stores to whoever asks.
    const able = needs.map((text) => ({ needs: text, stores: null }));
    heads.push(...(await headsOf(trx, { tenantId, teamId }, { wanted: able, from: 'itself' }, headsMax)));
  }
  return heads.toSorted((a, b) => a.order_at.getTime() - b.order_at.getTime());
}

async function take(
  deps: Deps,
  { trx, origin }: CommandCall<DB>,
  before: Conversation,
  agentId: AgentId,
): Promise<Outcome<Conversation, never>> {
  const after = seenBy(agentId, route(before, { agentId, teamId: null }));
  const reason = 'They took it themselves.';
  const told = { aggregate: aggregateOf(after), conversation: after, origin };
  await saveChanges(deps, trx, [{ before, after, events: [assigned(told, { strategy: 'claimed', reason })] }]);
  const at = deps.clock.now();
  const common = {
    tenantId: after.tenantId,
    conversationId: after.id,
    version: after.version,
    at,
    teamId: after.teamId,
  };
  await insertRecords(trx, [
    { ...common, agentId, strategy: 'claimed', reason, trace: [], rule: null, customerMarks: null },
  ]);
  return changed(after, after.id);
}

/** Gives a conversation back to the queue; the caller does not get it again for a while. */
export async function declineConversation(
  deps: Deps,
  call: CommandCall<DB>,
  { conversationId }: { readonly conversationId: ConversationId },
): Promise<Outcome<Conversation, 'FORBIDDEN' | 'NOT_FOUND'>> {
  const { trx, actor, origin } = call;
  const before = await lockConversation(trx, { tenantId: actor.tenantId, id: conversationId });
  if (before === null) return noConversation;
  const own = agentOf(actor);
  if (own === null || before.assigneeId !== own) return notTheirs;
  const change = released(before, origin);
  await saveChanges(deps, trx, [change]);
  const entry = notForWhoeverHadIt(change);
  await queueNow(trx, [entry], { reason: 'declined', notForMs: excludedMs, now: deps.clock.now() });
  return changed(change.after, change.after.id);
}

async function personOf({ trx, actor }: CommandCall<DB>): Promise<AgentId | null> {
  const id = agentOf(actor);
  if (id === null) return null;
  const agent = (await agentsByIds(trx, actor.tenantId, [id])).get(id);
  return agent?.kind === 'person' && agent.isActive ? id : null;
}

const stranger = refuse('FORBIDDEN', null, 'Only people of this workspace can take conversations.');
function noRoom({ used, capacity }: Pick<Duty, 'used' | 'capacity'>): Refused<'NO_ROOM'> {
  const message =
    `You have ${used} of the ${capacity} conversations that you can take. Answer or hand over one first, ask a lead for ` +
    'more capacity, or take a certain one with claimConversation.';
  return refuse('NO_ROOM', null, message);
}

const notTheirs = refuse(
  'FORBIDDEN',
  'conversationId',
  'It is not assigned to you: only its assignee can give it back.',
);
const alreadyTaken = refuse('ALREADY_TAKEN', 'conversationId', 'Somebody else has it already: read it again.');
