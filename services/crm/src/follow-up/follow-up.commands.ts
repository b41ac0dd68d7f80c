import { type AgentId, type ConversationId, type CustomerId, type FollowUpId, newId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  type Decision,
  liftLimits,
  makeOnce,
  type Outcome,
  refuse,
  refuseText,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import { nextCustomerEvent } from '../customer/customer-version.store.ts';
import { readCustomers } from '../customer/customer.store.ts';
import type { DB } from '../db.ts';
import { cancel, complete, type FollowUp, refuseDueAt, snooze, textCharactersMax } from './follow-up.domain.ts';
import { followUpCompleted } from './follow-up.events.ts';
import { followUpsByIds, insertFollowUp, isWithCustomer, lockFollowUp, saveFollowUp } from './follow-up.store.ts';
import { checkRecurrence, type Recurrence } from './recurrence.domain.ts';

type Call = CommandCall<DB>;
type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Refusal = 'NOT_FOUND' | 'INVALID_INPUT' | 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION';

export interface FollowUpWish {
  readonly clientMutationId: string;
  readonly customerId: CustomerId;
  readonly conversationId: ConversationId | null;
  /** Null for the caller. */
  readonly ownerId: AgentId | null;
  readonly text: string;
  readonly dueAt: Date;
  readonly recurrence: Recurrence | null;
}

/** Creates a follow-up, once for each client key. */
export function createFollowUp(
  { clock }: Deps,
  call: Call,
  wish: FollowUpWish,
): Promise<Outcome<FollowUp, 'NOT_FOUND' | 'INVALID_INPUT' | 'CLIENT_ID_REUSED'>> {
  const { trx, actor } = call;
  const { customerId, conversationId, ownerId, text, dueAt, recurrence } = wish;
  const about = [customerId, conversationId, ownerId, text, dueAt.toISOString()];
  const content = [...about, recurrence?.rule ?? null, recurrence?.zone ?? null];
  return makeOnce(
    call,
    { kind: 'follow-up', clientMutationId: wish.clientMutationId, content },
    {
      find: async (id: FollowUpId) => (await followUpsByIds(trx, actor.tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const decision = await decideFollowUp(call, wish, clock.now());
        if (!decision.ok) return decision;
        const made = decision.value;
        return accept({ made, record: () => insertFollowUp(trx, made) });
      },
    },
  );
}

async function decideFollowUp(
  { trx, actor }: Call,
  wish: FollowUpWish,
  now: Date,
): Promise<Decision<FollowUp, 'NOT_FOUND' | 'INVALID_INPUT'>> {
  const { tenantId } = actor;
  const malformed = refuseText('text', wish.text, textCharactersMax) ?? refuseDueAt('dueAt', wish.dueAt, now);
  if (malformed !== null) return malformed;
  const rule = wish.recurrence === null ? accept(null) : checkRecurrence(wish.recurrence, wish.dueAt);
  if (!rule.ok) return rule;
  const [customer] = await readCustomers(trx, tenantId, [wish.customerId]);
  if (customer === undefined) return noCustomer;
  const { conversationId, dueAt } = wish;
  if (conversationId !== null && !(await isWithCustomer(trx, tenantId, customer.id, conversationId)))
    return noConversation;
  const createdBy = agentOf(actor);
  const ownerId = wish.ownerId ?? createdBy;
  if (ownerId === null) return refuse('INVALID_INPUT', 'ownerId', 'Somebody has to do it: name an owner.');
  return accept({
    ...{ tenantId, id: newId<FollowUpId>(), profileId: customer.id, conversationId, ownerId, text: wish.text.trim() },
    ...{ dueAt, startsAt: dueAt, tellAt: dueAt, recurrence: rule.value, occurrence: 1, state: 'open' },
    ...{ createdBy, createdAt: now, closedAt: null, version: 1 },
  });
}

export interface FollowUpInput {
  readonly followUpId: FollowUpId;
  readonly expectedVersion: number;
}

/** Completes a follow-up; a recurring one is due again. */
export async function completeFollowUp(
  { outbox, clock }: Deps,
  { trx, actor, origin }: Call,
  input: FollowUpInput,
): Promise<Outcome<FollowUp, Refusal>> {
  const before = await lockFollowUp(trx, actor.tenantId, input.followUpId);
  if (before === null) return noFollowUp;
  const decision = complete(before, { ...input, now: clock.now() });
  if (!decision.ok) return decision;
  const after = decision.value;
  await liftLimits(trx);
  await saveFollowUp(trx, after);
  const customer = await nextCustomerEvent(trx, actor.tenantId, after.profileId);
  if (customer !== null)
    await outbox.append(trx, [followUpCompleted(customer, { before, after }, agentOf(actor), origin)]);
  return changed(after, after.id);
}

/** Puts a follow-up off to a later time. */
export function snoozeFollowUp(
  { clock }: Deps,
  call: Call,
  { until, ...input }: FollowUpInput & { readonly until: Date },
): Promise<Outcome<FollowUp, Refusal>> {
  return change(call, input, (one) => snooze(one, until, { ...input, now: clock.now() }));
}

/** Ends a follow-up that need not be done any more. */
export function cancelFollowUp({ clock }: Deps, call: Call, input: FollowUpInput): Promise<Outcome<FollowUp, Refusal>> {
  return change(call, input, (one) => cancel(one, { ...input, now: clock.now() }));
}

async function change(
  { trx, actor }: Call,
  { followUpId }: FollowUpInput,
  decide: (one: FollowUp) => Decision<FollowUp, Refusal>,
): Promise<Outcome<FollowUp, Refusal>> {
  const locked = await lockFollowUp(trx, actor.tenantId, followUpId);
  if (locked === null) return noFollowUp;
  const decision = decide(locked);
  if (!decision.ok) return decision;
  await saveFollowUp(trx, decision.value);
  return changed(decision.value, followUpId);
}

const noCustomer = refuse('NOT_FOUND', 'customerId', 'There is no customer with this id in your workspace.');
const noConversation = refuse('NOT_FOUND', 'conversationId', 'This customer has no conversation with this id.');
const noFollowUp = refuse('NOT_FOUND', 'followUpId', 'There is no follow-up with this id: take one from followUps.');
