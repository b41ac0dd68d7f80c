import type { ChannelAccountId, ConversationId, CustomerId, FeedbackId, OrderId } from '@crossdesk/contracts';
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
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { readCustomers } from '../customer/customer.store.ts';
import { handlingOf, isMore } from './classify.domain.ts';
import {
  classifyAs,
  confirm,
  type Feedback,
  type Outcome as BuyerOutcome,
  refuseContent,
  settle,
  step,
  textCharactersMax,
} from './feedback.domain.ts';
import { feedbackConfirmed, feedbackEscalated } from './feedback.events.ts';
import { aggregateOf, feedbackByIds, lockFeedback, lockKnown, saveFeedback } from './feedback.store.ts';
import { nameOfOrder, placeOf, placeOfConversation } from './place.store.ts';
import { newFeedback, record } from './receive.ts';

type Call = CommandCall<DB>;
type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Refusal = 'NOT_FOUND' | 'VERSION_CONFLICT' | 'ILLEGAL_TRANSITION';

export interface RecordInput extends Pick<Feedback, 'kind' | 'score' | 'text' | 'language' | 'skus'> {
  readonly clientMutationId: string;
  readonly customerId: CustomerId | null;
  readonly conversationId: ConversationId | null;
  /** The message that says it: its words are given as text. */
  readonly messageId: string | null;
  readonly orderId: OrderId | null;
}

/** A person notes what a buyer told them, or what a message says; once for each client key. */
export function recordFeedback(
  deps: Deps,
  call: Call,
  input: RecordInput,
): Promise<Outcome<Feedback, 'NOT_FOUND' | 'INVALID_INPUT' | 'CLIENT_ID_REUSED'>> {
  const { trx, actor, origin } = call;
  const { clientMutationId, kind, customerId, conversationId, messageId, orderId, score, text, language } = input;
  const said = [kind, customerId, conversationId, messageId, orderId, text, language];
  return makeOnce(
    call,
    { kind: 'feedback', clientMutationId, content: [...said, String(score), ...input.skus] },
    {
      find: async (id: FeedbackId) => (await feedbackByIds(trx, actor.tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const decision = await decideFeedback(call, input, deps.clock.now());
        if (!decision.ok) return decision;
        const made = decision.value;
        // A message is noted once, whoever does it.
        const known = made.source === 'message' ? await lockKnown(trx, made) : null;
        if (known !== null) return accept({ made: known, record: null });
        return accept({ made, record: () => record(deps, trx, made, origin) });
      },
    },
  );
}

async function decideFeedback(
  { trx, actor }: Call,
  input: RecordInput,
  now: Date,
): Promise<Decision<Feedback, 'NOT_FOUND' | 'INVALID_INPUT'>> {
  const { tenantId } = actor;
  const { kind, score, text, language, skus, messageId, conversationId } = input;
  const malformed = refuseContent(input) ?? (text === null ? null : refuseText('text', text, textCharactersMax));
  if (malformed !== null) return malformed;
  if (kind === 'survey-answer')
    return refuse('INVALID_INPUT', 'kind', 'Answers of surveys come by themselves: take another kind.');
  if (messageId !== null && conversationId === null)
    return refuse('INVALID_INPUT', 'conversationId', 'Give the conversation of the message as well.');
  const place = await placeIn(trx, tenantId, input);
  if (!place.ok) return place;
  const given = { tenantId, kind, score, text: text?.trim() ?? null, language, skus, givenAt: now };
  const source = messageId === null ? ('agent' as const) : ('message' as const);
  const by = { source, externalId: messageId, recordedBy: agentOf(actor) };
  return accept(newFeedback({ ...given, ...by, ...place.value }, now));
}

type About = Pick<
  Feedback,
  'accountId' | 'profileId' | 'conversationId' | 'orderId' | 'externalOrderId' | 'buyerExternalId'
>;

/** Whom and what it is about: everything that is named has to be there, and to be visible to the caller. */
async function placeIn(
  trx: Call['trx'],
  tenantId: Feedback['tenantId'],
  { customerId, conversationId, orderId }: RecordInput,
): Promise<Decision<About, 'NOT_FOUND' | 'INVALID_INPUT'>> {
  if (customerId === null && conversationId === null && orderId === null)
    return refuse('INVALID_INPUT', 'customerId', 'Say whom it is from: give customerId, conversationId or orderId.');
  const conversation = conversationId === null ? null : await placeOfConversation(trx, tenantId, conversationId);
  if (conversationId !== null && conversation === null) return noConversation;
  const aboutOrder = orderId ?? conversation?.orderId ?? null;
  const order = aboutOrder === null ? null : await nameOfOrder(trx, tenantId, aboutOrder);
  if (orderId !== null && order === null) return noOrder;
  const [customer] = customerId === null ? [] : await readCustomers(trx, tenantId, [customerId]);
  if (customerId !== null && customer === undefined) return noCustomer;
  const named = order === null ? null : await placeOf(trx, { tenantId, ...order });
  const accountId: ChannelAccountId | null = conversation?.accountId ?? order?.accountId ?? null;
  return accept({
    accountId,
    profileId: customer?.id ?? conversation?.profileId ?? named?.profileId ?? null,
    conversationId: conversationId ?? named?.conversationId ?? null,
    orderId: order === null ? null : aboutOrder,
    externalOrderId: order?.externalOrderId ?? null,
    buyerExternalId: order?.buyerExternalId ?? null,
  });
}

export interface FeedbackInput {
  readonly feedbackId: FeedbackId;
  readonly expectedVersion: number;
}

/** A person says what feedback is about and how urgent it is. More urgent than before, it may get a case. */
export async function classifyFeedback(
  { outbox }: Deps,
  { trx, actor, origin }: Call,
  { feedbackId, ...said }: FeedbackInput & Pick<Feedback, 'type' | 'urgency'>,
): Promise<Outcome<Feedback, Refusal>> {
  const before = await lockFeedback(trx, actor.tenantId, feedbackId);
  if (before === null) return noFeedback;
  const decision = classifyAs(before, { ...said, by: agentOf(actor) });
  if (!decision.ok) return decision;
  const after = decision.value;
  await liftLimits(trx);
  await saveFeedback(trx, before, after);
  if (isMore(handlingOf(before.urgency), handlingOf(after.urgency)))
    await outbox.append(trx, [feedbackEscalated(aggregateOf(after), after, 'reclassified', origin)]);
  return changed(after, after.id);
}

/** Our part is done, without a case. */
export async function settleFeedback(
  { trx, actor }: Call,
  { feedbackId, expectedVersion }: FeedbackInput,
): Promise<Outcome<Feedback, Refusal>> {
  const before = await lockFeedback(trx, actor.tenantId, feedbackId);
  if (before === null) return noFeedback;
  const decision = settle(before, expectedVersion);
  if (!decision.ok) return decision;
  if (decision.value === before) return unchanged(before);
  await saveFeedback(trx, before, decision.value);
  return changed(decision.value, before.id);
}

/** Notes what the buyer answered when they were asked whether it is settled. */
export async function confirmFeedback(
  { outbox, clock }: Deps,
  { trx, actor, origin }: Call,
  { feedbackId, expectedVersion, outcome }: FeedbackInput & { readonly outcome: BuyerOutcome },
): Promise<Outcome<Feedback, Refusal>> {
  const before = await lockFeedback(trx, actor.tenantId, feedbackId);
  if (before === null) return noFeedback;
  const decision = confirm(before, { outcome, expectedVersion, now: clock.now() });
  if (!decision.ok) return decision;
  const told = decision.value;
  const events = [feedbackConfirmed(aggregateOf(told), told, outcome, agentOf(actor), origin)];
  // Each event has a version of its own.
  const after = outcome === 'satisfied' ? told : step(told, {});
  await liftLimits(trx);
  await saveFeedback(trx, before, after);
  await outbox.append(trx, events);
  if (outcome === 'not-satisfied')
    await outbox.append(trx, [feedbackEscalated(aggregateOf(after), after, 'not-satisfied', origin)]);
  return changed(after, after.id);
}

const noFeedback = refuse('NOT_FOUND', 'feedbackId', 'There is no feedback with this id: take one from feedback.');
const noCustomer = refuse('NOT_FOUND', 'customerId', 'There is no customer with this id in your workspace.');
const noConversation = refuse('NOT_FOUND', 'conversationId', 'There is no conversation with this id.');
const noOrder = refuse('NOT_FOUND', 'orderId', 'There is no order with this id: take one from orders.');
