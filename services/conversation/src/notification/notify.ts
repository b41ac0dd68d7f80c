import { causedByEvent, type EventDraft, lockedAggregate, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { Notification, Wish } from './notification.domain.ts';
import { insertNotifications } from './notification.store.ts';
import { quietForMs, wayOf } from './preference.domain.ts';
import { personKey, preferencesOf } from './preference.store.ts';

export type NotifyDeps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

type Cause = Parameters<typeof causedByEvent>[0];

/** A wish with the event that it follows from. */
export interface Caused extends Wish {
  readonly cause: Cause;
}

/**
 * Tells people of events, each once: whoever works here and has not switched the kind off. In their quiet hours nothing
 * is pushed; they find it later. A few statements for all events of a batch, none if nobody is to be told.
 */
export async function notify(deps: NotifyDeps, trx: Transaction<DB>, caused: readonly Caused[]): Promise<void> {
  if (caused.length === 0) return;
  const now = deps.clock.now();
  const preferences = await preferencesOf(trx, caused);
  const ways = new Map(
    [...preferences].map(([key, chosen]) => [key, { chosen, isQuiet: quietForMs(chosen, now) > 0 }] as const),
  );
  const wanted = caused.filter((wish) => {
    const person = ways.get(personKey(wish));
    return person !== undefined && wayOf(person.chosen, wish.kind) !== 'off';
  });
  const told = await insertNotifications(trx, wanted, now);
  const causes = new Map(caused.map(({ eventId, cause }) => [eventId, cause]));
  const pushed = told.filter((one) => ways.get(personKey(one))?.isQuiet === false);
  const drafts = pushed.flatMap((one) => {
    const cause = causes.get(one.eventId);
    return cause === undefined ? [] : [agentNotified(one, cause)];
  });
  await deps.outbox.append(trx, drafts);
}

/** Contains ids only: what it is about is read through the API. */
function agentNotified(one: Notification, cause: Cause): EventDraft<'conversation.agent-notified'> {
  const { tenantId, id, agentId, kind, conversationId, caseId, followUpId } = one;
  return {
    aggregate: lockedAggregate({ tenantId, id, version: 1 }),
    type: 'conversation.agent-notified',
    origin: causedByEvent(cause),
    data: {
      ...{ notificationId: id, agentId, kind, conversationId },
      ...(caseId === null ? {} : { caseId }),
      ...(followUpId === null ? {} : { followUpId }),
    },
  };
}
