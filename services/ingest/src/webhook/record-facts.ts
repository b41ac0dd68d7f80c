import { causedOutside } from '@crossdesk/service-kit';
import { lockAccount } from '../account/account.store.ts';
import { changeStatus } from '../account/account.commands.ts';
import type { ChannelAccount, Fact } from '../channel/channel.port.ts';
import { findByReference } from '../delivery/delivery.store.ts';
import { reportDelivery } from '../delivery/report-delivery.ts';
import type { IngestDeps, Trx } from '../deps.ts';
import { recordMessages } from '../inbound/record-messages.ts';
import { hintOrders } from '../order/order.store.ts';
import { recordOrders } from '../order/record-orders.ts';
import { insertSubjects, type RawSubject } from './receipt.store.ts';

export interface IncomingFact {
  readonly account: ChannelAccount;
  readonly fact: Fact;
  readonly receivedAt: Date;
  readonly traceparent: string | null;
  /** Where the bytes are kept that told it. */
  readonly rawId: string;
}

type FactOf<Type extends Fact['type']> = Omit<IncomingFact, 'fact'> & { readonly fact: Extract<Fact, { type: Type }> };

const originOf = ({ traceparent }: Pick<IncomingFact, 'traceparent'>) =>
  causedOutside({ kind: 'system', id: null }, traceparent);

/** Records what platforms told, kind by kind: the many messages together, the few others one after another. */
export async function recordFacts(deps: IngestDeps, trx: Trx, facts: readonly IncomingFact[]): Promise<void> {
  await recordMessages(
    deps,
    trx,
    ofType(facts, 'message').map(({ fact, ...item }) => ({ ...item, message: fact.message })),
  );
  await recordOrders(
    deps,
    trx,
    ofType(facts, 'order').map(({ fact, ...item }) => ({ ...item, order: fact.order })),
  );
  await hintOrders(
    trx,
    ofType(facts, 'order-hint').map(({ account, fact }) => ({
      tenantId: account.tenantId,
      accountId: account.id,
      externalOrderId: fact.externalOrderId,
    })),
  );
  await insertSubjects(trx, facts.flatMap(subjectOf));
  for (const item of ofType(facts, 'receipt')) await recordReceipt(deps, trx, item);
  for (const item of ofType(facts, 'account')) await recordAccountStatus(deps, trx, item);
}

function subjectOf({ account, fact, rawId }: IncomingFact): RawSubject[] {
  const common = { tenantId: account.tenantId, accountId: account.id, rawId };
  if (fact.type === 'message') return [{ ...common, kind: 'thread', externalId: fact.message.externalThreadId }];
  return fact.type === 'order' ? [{ ...common, kind: 'order', externalId: fact.order.externalOrderId }] : [];
}

function ofType<Type extends Fact['type']>(facts: readonly IncomingFact[], type: Type): FactOf<Type>[] {
  return facts.filter((item): item is FactOf<Type> => item.fact.type === type);
}

/** A receipt for a message that is not ours (sent in the platform's console) tells nothing that is shown. */
async function recordReceipt(deps: IngestDeps, trx: Trx, item: FactOf<'receipt'>): Promise<void> {
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
      // The moment of acceptance is all the place that channels without a readable thread tell.
      ...(fact.status === 'sent' ? { position: { occurredAt: fact.occurredAt, sequence: null } } : {}),
      ...(fact.failure === null ? {} : { failure: fact.failure }),
      ...(fact.detail === null ? {} : { detail: fact.detail }),
    },
  );
}

async function recordAccountStatus(deps: IngestDeps, trx: Trx, item: FactOf<'account'>): Promise<void> {
  const { account, fact } = item;
  const locked = await lockAccount(trx, account.tenantId, account.id);
  // A platform that says all is well brings no token: an account that needs one stays in need.
  if (locked === null || (fact.status === 'connected' && locked.row.status !== 'connected')) return;
  await changeStatus(deps, trx, locked, fact.status, fact.reason, originOf(item));
}
