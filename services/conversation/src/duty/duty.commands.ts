import type { AgentId, EventData } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  refuseLimited,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { lookAfter } from '../queue/router-signal.ts';
import type { DB } from '../db.ts';
import { placeStranded, wakeTeamsLeftBy, wakeTeamsOf } from '../queue/queue.store.ts';
import { changeDuty, type Duty } from './duty.domain.ts';
import { lockDuty, saveDuty } from './duty.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

export interface SetDutyInput {
  /** Null: the caller. */
  readonly agentId: AgentId | null;
  readonly isOnDuty: boolean;
  readonly handsOver: boolean;
}

/** Why the queue put somebody off duty. */
type DutyReason = NonNullable<EventData<'conversation.duty-changed'>['reason']>;

type Refusal = 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND';

/** Somebody comes to work or leaves; a lead may say so for others. */
export async function setDuty(
  deps: Deps,
  call: CommandCall<DB>,
  { agentId: asked, ...wish }: SetDutyInput,
): Promise<Outcome<Duty, Refusal>> {
  const own = agentOf(call.actor);
  const agentId = asked ?? own;
  if (agentId === null) return noPerson;
  if (agentId !== own && !isLead(call)) return onlyLeads;
  const limited = agentId === own ? null : refuseLimited(call.actor);
  if (limited !== null) return limited;
  // Entries of the queue are locked before people, as everywhere.
  if (wish.isOnDuty) await placeStranded(call.trx, { tenantId: call.actor.tenantId, agentId }, deps.clock.now());
  return changeOf(deps, call, agentId, (duty) => changeDuty(duty, { ...wish, now: deps.clock.now() }));
}

const capacityMax = 1_000;

/** Says how much somebody can have at a time. */
export async function setCapacity(
  deps: Deps,
  call: CommandCall<DB>,
  { agentId, capacity }: { readonly agentId: AgentId; readonly capacity: number },
): Promise<Outcome<Duty, Refusal>> {
  if (!isLead(call)) return onlyLeads;
  if (capacity < 0 || capacity > capacityMax)
    return refuse('INVALID_INPUT', 'capacity', `Take a number from 0 to ${capacityMax}.`);
  return changeOf(deps, call, agentId, (duty) =>
    duty.capacity === capacity ? duty : { ...duty, capacity, version: duty.version + 1 },
  );
}

/** Puts a person off duty whose shift is over, or who opens nothing; what they owe goes to others. */
export async function takeOffDuty(
  deps: Deps,
  call: CommandCall<DB>,
  agentId: AgentId,
  reason: DutyReason | null,
): Promise<void> {
  const change = { isOnDuty: false, handsOver: true, now: deps.clock.now() };
  await changeOf(deps, call, agentId, (duty) => changeDuty(duty, change), reason);
}

async function changeOf(
  { outbox }: Deps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  agentId: AgentId,
  decide: (duty: Duty) => Duty,
  reason: DutyReason | null = null,
): Promise<Outcome<Duty, 'NOT_FOUND'>> {
  const locked = await lockDuty(trx, tenantId, agentId);
  if (locked === null) return noPerson;
  const duty = decide(locked);
  if (duty === locked) return unchanged(locked);
  const aggregate = await saveDuty(trx, duty);
  if (duty.isOnDuty) await wakeTeamsOf(trx, [duty]);
  else if (locked.isOnDuty) await wakeTeamsLeftBy(trx, duty);
  lookAfter(trx, outbox);
  const { isOnDuty, capacity, isHandingOver } = duty;
  const data = { agentId, isOnDuty, capacity, isHandingOver, ...(reason === null ? {} : { reason }) };
  await outbox.append(trx, [{ aggregate, type: 'conversation.duty-changed', origin, data }]);
  return changed(duty, agentId);
}

function isLead({ actor }: CommandCall<DB>): boolean {
  if (actor.kind === 'system' || actor.kind === 'automation') return true;
  return actor.role !== 'agent';
}

const noPerson = refuse(
  'NOT_FOUND',
  'agentId',
  'There is no person with this id in your workspace: take one from agents.',
);
const onlyLeads = refuse('FORBIDDEN', 'agentId', 'Only supervisors and admins may decide for others.');
