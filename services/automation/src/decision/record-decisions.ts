import { type AgentId, parseId } from '@crossdesk/contracts';
import type { AnyEventDraft, Clock, LockedAggregate, Origin, Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { lockForEvents } from '../analysis/analysis.store.ts';
import type { DB } from '../db.ts';
import type { Decision } from './decision.domain.ts';
import { insertDecisions } from './decision.store.ts';

interface Deps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
}

/** A decision, and what caused it. */
export interface Wanted {
  readonly decision: Decision;
  readonly origin: Origin;
}

/**
 * The one way in which automation acts: it records what is wanted and publishes it. The conversation service carries each
 * decision out once, or refuses it, and tells which; see `conversation.decision-settled`. Decide only about a conversation
 * that the conversation service has told of (`conversation.message-added` and later): it must know the conversation. Who
 * wants the same again after a repeated event must not call this again: consumers are protected by their position in the
 * log, requests by `makeOnce`.
 */
export async function recordDecisions(
  { outbox, clock }: Deps,
  trx: Transaction<DB>,
  wanted: readonly Wanted[],
): Promise<void> {
  if (wanted.length === 0) return;
  const aggregates = await lockForEvents(
    trx,
    wanted.map(({ decision }) => decision),
  );
  const now = clock.now();
  await insertDecisions(
    trx,
    wanted.map(({ decision, origin }) => ({ decision, agentId: agentIn(origin), decidedAt: now })),
  );
  await outbox.append(
    trx,
    wanted.flatMap((one, index) => {
      const aggregate = aggregates[index];
      return aggregate === undefined ? [] : [decided(aggregate, one)];
    }),
  );
}

function agentIn({ actor }: Origin): AgentId | null {
  return actor.kind === 'agent' && actor.id !== null ? parseId<AgentId>(actor.id) : null;
}

function decided(aggregate: LockedAggregate, { decision, origin }: Wanted): AnyEventDraft {
  const { id: decisionId, conversationId, rule } = decision;
  const common = { decisionId, conversationId, rule };
  if (decision.kind !== 'reply') {
    return { aggregate, origin, type: 'automation.action-decided', data: { ...common, action: decision.action } };
  }
  const { messageId, purpose, basedOnVersion, basis, content, template } = decision;
  const known = basis === undefined ? {} : { basis };
  const data = { ...common, messageId, purpose, basedOnVersion, ...known, content, template };
  return { aggregate, origin, type: 'automation.reply-decided', data };
}
