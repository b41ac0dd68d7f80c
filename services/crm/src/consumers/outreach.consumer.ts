import {
  afterCommit,
  causedByEvent,
  type Clock,
  type ConsumerSpec,
  type Delivered,
  type Outbox,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { saveTopics } from '../analysis/topic.store.ts';
import { pauseFailing } from '../campaign/pause-failing.ts';
import { noteBounces } from '../contact/note-contact.ts';
import type { DB } from '../db.ts';
import { noteFailed, settle, type Settled } from '../outreach/outreach.store.ts';
import { type ConversationTold, followRounds } from '../survey/follow-rounds.ts';
import { takeAnswers, takeSent } from '../survey/take-answers.ts';

interface Deps {
  readonly clock: Clock;
  readonly outbox: Outbox;
  /** Something is planned. */
  readonly nudgeGate: () => void;
}

/**
 * Follows what became of messages that were decided here, whom messages do not reach, what conversations are about, and when
 * they are handled, so that buyers are asked and their answers noted.
 */
export function outreachConsumer(deps: Deps): ConsumerSpec<DB> {
  const follow = async (trx: Transaction<DB>, events: readonly ConversationTold[]) => {
    if (await followRounds(deps, trx, events)) afterCommit(trx, deps.nudgeGate);
    const changed = events.filter(isChange);
    if (changed.length > 0) await saveTopics(trx, changed);
    const added = events.filter(isMessage);
    if (added.length > 0) await takeAnswers(deps, trx, added);
  };
  return {
    name: 'crm.outreach',
    on: {
      // The same function for both: an order of its own for each conversation, in one call.
      'conversation.message-added': follow,
      'conversation.changed': follow,
      'conversation.decision-settled': async (trx, events) => {
        await settle(trx, events.map(settledIn), deps.clock.now());
        await takeSent(deps, trx, events.flatMap(writtenIn));
      },
      'ingest.delivery-updated': async (trx, events) => {
        await noteBounces(trx, events);
        await pauseFailing(deps, trx, await noteFailures(trx, events));
      },
    },
  };
}

function isMessage(one: ConversationTold): one is Delivered<'conversation.message-added'> {
  return one.event.type === 'conversation.message-added';
}

function isChange(one: ConversationTold): one is Delivered<'conversation.changed'> {
  return one.event.type === 'conversation.changed';
}

function writtenIn(one: Delivered<'conversation.decision-settled'>) {
  const { tenantId, data } = one.event;
  return data.outcome === 'refused' ? [] : [{ tenantId, id: data.decisionId, origin: causedByEvent(one) }];
}

function settledIn({ event: { tenantId, data } }: Delivered<'conversation.decision-settled'>): Settled {
  const { decisionId: id, outcome, code } = data;
  return outcome === 'refused'
    ? { tenantId, id, state: 'refused', reason: code ?? 'REFUSED' }
    : { tenantId, id, state: 'sent', reason: null };
}

async function noteFailures(trx: Transaction<DB>, events: readonly Delivered<'ingest.delivery-updated'>[]) {
  const failed = events.flatMap(({ event: { tenantId, data } }) =>
    data.status === 'failed' ? [{ tenantId, messageId: data.messageId, failure: data.failure ?? 'UNKNOWN' }] : [],
  );
  return failed.length === 0 ? [] : noteFailed(trx, failed);
}
