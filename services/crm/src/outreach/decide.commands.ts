import { type CustomerId, type MessageId, newId } from '@crossdesk/contracts';
import { causedBySystem, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { effectiveConsent, isSuppressed } from '../consent/consent.store.ts';
import type { ContactPoint } from '../contact/contact.domain.ts';
import { pointsOf } from '../contact/contact.store.ts';
import { readCustomers } from '../customer/customer.store.ts';
import { isErased, lockCustomer } from '../customer/lock-customer.ts';
import type { DB } from '../db.ts';
import { takeTurns } from '../link/turns.store.ts';
import { armOf } from './arm.ts';
import { askedDays, decide, type GateFacts, type GateVerdict, surveyMarginMs } from './gate.domain.ts';
import { goalOf } from './goal.store.ts';
import { type Outreach, textFor, threadOf } from './outreach.domain.ts';
import {
  armOfPerson,
  isAlreadyDecided,
  isAskedSince,
  lockClaimed,
  lockThread,
  marketingSentSince,
  saveOutreach,
} from './outreach.store.ts';
import { readPlace } from './place.store.ts';

export interface GateDeps extends Pick<ServiceRuntime<DB>, 'outbox' | 'clock'> {
  /** The key of the digests of addresses that are not written to. */
  readonly suppressionKey: Buffer;
}

/**
 * The one gate. In one transaction: the turn of the tenant, the customer, the message; every check; the state and the
 * event. Whoever crashes in between has done nothing, and whoever comes second finds it decided.
 */
export async function passGate(deps: GateDeps, trx: Transaction<DB>, claimed: Outreach): Promise<void> {
  const { tenantId, profileId } = claimed;
  await takeTurns(trx, new Map([[tenantId, 'together']]));
  const customerId = await lockCustomer(trx, tenantId, profileId);
  const one = await lockClaimed(trx, claimed);
  if (one === null) return;
  if (customerId === null) throw new Error('a message is planned for a profile that does not exist');
  const { facts, thread } = await factsOf(deps, trx, one, customerId);
  const { verdict, checks } = decide(facts);
  const looked = { ...one, trace: checks, arm: facts.arm, reason: null };
  switch (verdict.kind) {
    case 'wait':
      return saveOutreach(trx, { ...looked, dueAt: verdict.until, reason: verdict.reason });
    case 'suppress': {
      const { reason } = verdict;
      return saveOutreach(trx, { ...looked, state: 'suppressed', reason, dueAt: null, decidedAt: facts.now });
    }
    case 'send':
      return send(deps, trx, looked, { facts, thread });
  }
}

interface Known {
  readonly facts: GateFacts;
  readonly thread: ContactPoint | null;
}

async function send(deps: GateDeps, trx: Transaction<DB>, one: Outreach, { facts, thread }: Known): Promise<void> {
  const { tenantId, id: decisionId, kind, notAfter } = one;
  if (thread === null || facts.text === null) throw new Error('the gate lets nothing pass without a thread and a text');
  const { conversationId, accountId } = thread;
  const aggregate = await lockThread(trx, tenantId, conversationId);
  if (aggregate === null) throw new Error('a thread without a link: it is looked at again');
  const messageId = newId<MessageId>();
  const decided = { state: 'decided', dueAt: null, conversationId, messageId, decidedAt: facts.now } as const;
  await saveOutreach(trx, { ...one, ...decided });
  await deps.outbox.append(trx, [
    {
      aggregate,
      type: 'crm.message-decided',
      data: {
        ...{ decisionId, conversationId, accountId, messageId, kind, purpose: facts.purpose },
        content: { kind: 'text', text: facts.text },
        notAfter: notAfter.toISOString(),
      },
      origin: causedBySystem(),
    },
  ]);
}

const weekMs = 7 * 86_400_000;

/** What the gate would say now of a message that is not planned. It changes nothing. */
export async function judgeOutreach(
  deps: GateDeps,
  trx: Transaction<DB>,
  one: Outreach,
): Promise<{ readonly verdict: GateVerdict; readonly text: string | null }> {
  const { facts } = await factsOf(deps, trx, one, one.profileId);
  return { verdict: decide(facts).verdict, text: facts.text };
}

async function factsOf(deps: GateDeps, trx: Transaction<DB>, one: Outreach, customerId: CustomerId): Promise<Known> {
  const { tenantId, accountId, purpose, subject, holdOutShare, notAfter } = one;
  const now = deps.clock.now();
  const points = await pointsOf(trx, tenantId, customerId);
  const only = threadOf(one);
  const thread =
    points.find(
      (point) =>
        (accountId === null || point.accountId === accountId) && (only === null || point.conversationId === only),
    ) ?? null;
  const [customer] = await readCustomers(trx, tenantId, [customerId]);
  const reader = { locale: customer?.locale ?? null, name: customer?.display_name ?? null };
  const since = new Date(now.getTime() - weekMs);
  const { texts, ...goal } = await goalOf(trx, one, customerId);
  const facts: GateFacts = {
    ...{ now, purpose, notAfter, thread },
    place: await readPlace(trx, one, customerId),
    isErased: await isErased(trx, tenantId, customerId),
    isAlreadyDecided: await isAlreadyDecided(trx, one, customerId),
    ...goal,
    ...(await surveyFactsOf(trx, one, customerId, now)),
    arm: (await armOfPerson(trx, one, customerId)) ?? armOf(subject, customerId, holdOutShare),
    consent: await effectiveConsent(trx, tenantId, customerId, purpose),
    isSuppressed: await isSuppressed(trx, deps.suppressionKey, { tenantId, customerId, purpose }),
    marketingSentAt: purpose === 'marketing' ? await marketingSentSince(trx, tenantId, customerId, since) : [],
    text: textFor({ ...one, texts }, { ...reader, channel: thread?.channel ?? null }),
  };
  return { facts, thread };
}

const dayMs = 86_400_000;

async function surveyFactsOf(
  trx: Transaction<DB>,
  { tenantId, kind }: Outreach,
  customerId: CustomerId,
  now: Date,
): Promise<Pick<GateFacts, 'windowMarginMs' | 'isAskedRecently'>> {
  if (kind !== 'survey') return { windowMarginMs: 0, isAskedRecently: false };
  const since = new Date(now.getTime() - askedDays * dayMs);
  return { windowMarginMs: surveyMarginMs, isAskedRecently: await isAskedSince(trx, tenantId, customerId, since) };
}
