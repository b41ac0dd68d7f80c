import { type FeedbackId, newId } from '@crossdesk/contracts';
import type { Clock, Origin, Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { classify, handlingOf, isMore } from './classify.domain.ts';
import { type Feedback, step } from './feedback.domain.ts';
import { feedbackEscalated, feedbackReceived } from './feedback.events.ts';
import { aggregateOf, insertFeedback, lockKnown, saveFeedback } from './feedback.store.ts';

type Trx = Transaction<DB>;

export interface ReceiveDeps {
  readonly clock: Clock;
  readonly outbox: Outbox;
}

/** What an intake knows; the rest follows from rules. */
export interface Given extends Pick<
  Feedback,
  | 'tenantId'
  | 'source'
  | 'kind'
  | 'accountId'
  | 'profileId'
  | 'conversationId'
  | 'orderId'
  | 'externalOrderId'
  | 'buyerExternalId'
  | 'score'
  | 'text'
  | 'language'
  | 'skus'
  | 'recordedBy'
  | 'givenAt'
> {
  /** Null: its own id, for what has no name elsewhere. */
  readonly externalId: string | null;
}

/** The feedback as it is new, classified. */
export function newFeedback({ externalId, ...given }: Given, now: Date): Feedback {
  const id = newId<FeedbackId>();
  const found = { ...classify(given), classifiedBy: null };
  const state = { state: 'new', caseId: null, receivedAt: now, confirmedAt: null, version: 1 } as const;
  return { ...given, ...found, ...state, id, externalId: externalId ?? id, skus: sorted(given.skus) };
}

/** Saves new feedback and tells it. */
export async function record({ outbox }: ReceiveDeps, trx: Trx, one: Feedback, origin: Origin): Promise<void> {
  await insertFeedback(trx, one);
  await outbox.append(trx, [feedbackReceived(aggregateOf(one), one, origin)]);
}

/**
 * Takes feedback that has an id at its source: once, and again when the buyer has changed it. What a person said of its
 * type and urgency stays. If it is worse now, it is told again. Returns it as it is now.
 */
export async function receive(deps: ReceiveDeps, trx: Trx, given: Given, origin: Origin): Promise<Feedback> {
  const fresh = newFeedback(given, deps.clock.now());
  const known = await lockKnown(trx, fresh);
  if (known === null) {
    await record(deps, trx, fresh, origin);
    return fresh;
  }
  const after = changedTo(known, fresh);
  if (after === null) return known;
  await saveFeedback(trx, known, after);
  if (isWorse(known, after))
    await deps.outbox.append(trx, [feedbackEscalated(aggregateOf(after), after, 'changed', origin)]);
  return after;
}

/** Null: nothing that counts is different. */
function changedTo(known: Feedback, fresh: Feedback): Feedback | null {
  const { score, text, language, skus } = fresh;
  const isSame = known.score === score && known.text === text && known.skus.join('\0') === skus.join('\0');
  if (isSame) return null;
  const { type, urgency, reason } = known.classifiedBy === null ? fresh : known;
  // What is known stays when it is not told again: a platform may name the order in one report only.
  const place = {
    profileId: known.profileId ?? fresh.profileId,
    conversationId: known.conversationId ?? fresh.conversationId,
    orderId: known.orderId ?? fresh.orderId,
    externalOrderId: known.externalOrderId ?? fresh.externalOrderId,
    buyerExternalId: known.buyerExternalId ?? fresh.buyerExternalId,
  };
  // What was done is about the words of before; a case that is reopened moves it on by itself.
  const isDone = known.caseId === null && (known.state === 'handled' || known.state === 'confirmed');
  const state = isDone && isWorse(known, { urgency }) ? 'new' : known.state;
  return step(known, { score, text, language, skus, type, urgency, reason, state, ...place });
}

function isWorse(before: Pick<Feedback, 'urgency'>, after: Pick<Feedback, 'urgency'>): boolean {
  return isMore(handlingOf(before.urgency), handlingOf(after.urgency));
}

function sorted(skus: readonly string[]): string[] {
  return [...new Set(skus.map((sku) => sku.trim()).filter((sku) => sku !== ''))].toSorted();
}
