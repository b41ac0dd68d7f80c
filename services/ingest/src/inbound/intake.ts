import type { AuthorisationLoss, Fact } from '@crossdesk/channels/adapters';
import { causedOutside, cleaned } from '@crossdesk/service-kit';
import { changeStatus } from '../account/account.commands.ts';
import { listMessagesSoon, lockAccount } from '../account/account.store.ts';
import { limitConsent, renewConsent } from '../account/consent-end.ts';
import { findByReference } from '../delivery/delivery.store.ts';
import type { IngestDeps } from '../deps.ts';
import { recordFeedback } from '../feedback-feed/record-feedback.ts';
import type { Trx } from '../db.ts';
import { hintOrders } from '../order/order.store.ts';
import { recordOrders } from '../order/record-orders.ts';
import { insertSubjects, type RawSubject } from '../raw/raw.store.ts';
import { type Believable, believable } from './believable.ts';
import { type BoundedFact, bounded } from './bounded.ts';
import { insertLongIds, longIdsOf } from '../thread/long-id.store.ts';
import type { IncomingFact } from '../fact.ts';
import { recordChanges } from './record-changes.ts';
import { recordMessages } from './record-messages.ts';
import { reportDelivery } from './report-delivery.ts';
import { withWebAddresses } from './web-addresses.ts';

type IntakeDeps = Pick<IngestDeps, 'runtime' | 'adapters' | 'nudgeMedia'>;
type ReadFact = Omit<IncomingFact, 'fact'> & Believable;
type FactOf<Type extends Fact['type']> = ReadFact & { readonly fact: Extract<BoundedFact, { type: Type }> };

/**
 * Records everything that platforms report, whether it was pushed, polled or read back. It works kind by kind: messages,
 * their changes and orders, which are many, all at once; the others, which are few, one by one. Facts that are already
 * known change nothing.
 */
export async function intake(deps: IntakeDeps, trx: Trx, incoming: readonly IncomingFact[]): Promise<void> {
  await insertLongIds(trx, incoming.flatMap(longIdsOf));
  const facts = incoming.map((item) => ({
    ...item,
    ...believable(cleaned(bounded(withWebAddresses(item.fact))), item.receivedAt),
  }));
  const ofMessages = await recordMessages(
    deps,
    trx,
    ofType(facts, 'message').map(({ fact, ...item }) => ({ ...item, message: fact.message })),
  );
  const ofChanges = await recordChanges(
    deps,
    trx,
    ofType(facts, 'change').map(({ fact, ...item }) => ({ ...item, change: fact.change })),
  );
  await recordOrders(
    deps,
    trx,
    ofType(facts, 'order').map(({ fact, ...item }) => ({ ...item, order: fact.order })),
  );
  await recordFeedback(
    deps,
    trx,
    ofType(facts, 'feedback').map(({ fact, ...item }) => ({ ...item, feedback: fact.feedback })),
  );
  await hintOrders(
    trx,
    ofType(facts, 'order-hint').map(({ account, fact }) => ({
      tenantId: account.tenantId,
      accountId: account.id,
      externalOrderId: fact.externalOrderId,
    })),
  );
  await listMessagesSoon(
    trx,
    ofType(facts, 'messages-hint').map(({ account }) => account),
    deps.runtime.clock.now(),
  );
  await insertSubjects(trx, [...ofMessages, ...ofChanges, ...facts.flatMap(subjectOf)]);
  for (const item of ofType(facts, 'receipt')) await recordReceipt(deps, trx, item);
  for (const item of ofType(facts, 'account')) await recordAccountStatus(deps, trx, item);
}

function ofType<Type extends Fact['type']>(facts: readonly ReadFact[], type: Type): FactOf<Type>[] {
  return facts.filter((item): item is FactOf<Type> => item.fact.type === type);
}

/** The order or review that the kept bytes are about; a fact that was polled or read back has no kept bytes. */
function subjectOf({ account, fact, rawId }: ReadFact): RawSubject[] {
  const { tenantId, id: accountId } = account;
  if (rawId === null) return [];
  const of = { tenantId, accountId, rawId };
  if (fact.type === 'order') return [{ ...of, kind: 'order', externalId: fact.order.externalOrderId }];
  if (fact.type === 'feedback') return [{ ...of, kind: 'feedback', externalId: fact.feedback.externalFeedbackId }];
  return [];
}

const originOf = ({ traceparent }: Pick<IncomingFact, 'traceparent'>) =>
  causedOutside({ kind: 'system', id: null }, traceparent);

/** A receipt for a message that is not ours (sent in the platform's console) is ignored: it is shown nowhere. */
async function recordReceipt(deps: IntakeDeps, trx: Trx, item: FactOf<'receipt'>): Promise<void> {
  const { account, fact } = item;
  const reply = await findByReference(trx, account.tenantId, account.id, fact.externalMessageId, fact.clientReference);
  if (reply === null) return;
  await reportDelivery(
    deps,
    trx,
    { tenantId: account.tenantId, conversationId: reply.conversation_id, messageId: reply.message_id },
    {
      status: fact.status,
      origin: originOf(item),
      externalMessageId: fact.externalMessageId,
      occurredAt: fact.occurredAt,
      // Channels without a readable thread report no other place than the time of acceptance.
      ...(fact.status === 'sent' ? { position: { occurredAt: fact.occurredAt, sequence: null } } : {}),
      ...(fact.failure === null ? {} : { failure: fact.failure }),
      ...(fact.detail === null ? {} : { detail: fact.detail }),
    },
  );
}

async function recordAccountStatus(deps: IntakeDeps, trx: Trx, item: FactOf<'account'>): Promise<void> {
  const { account, fact } = item;
  const locked = await lockAccount(trx, account.tenantId, account.id);
  // A report of the platform that an account is fine contains no token: an account that needs a new token still needs
  // it.
  if (locked === null || (fact.status === 'connected' && locked.row.status !== 'connected')) return;
  const { status, reason, consent } = fact;
  const origin = originOf(item);
  if (consent === 'renewed') await renewConsent(deps, trx, locked, origin);
  else if (consent !== undefined) await limitConsent(deps, trx, locked, consent.endsBy, origin);
  if (status === 'connected') return;
  await changeStatus(deps, trx, locked, { status, reason, loss: lossOf(fact) }, origin);
}

function lossOf({ status, loss }: FactOf<'account'>['fact']): AuthorisationLoss | null {
  return status === 'reauthorise' ? (loss ?? 'refused') : null;
}
