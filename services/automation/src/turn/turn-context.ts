import { type DecisionId, type MessageId, newId } from '@crossdesk/contracts';
import { causedByEvent, type Clock, type Metrics, type Outbox } from '@crossdesk/service-kit';
import type { ReadSets } from '../rule/rule-sources.ts';
import type { Wanted } from '../decision/record-decisions.ts';
import type { TemplateReply } from '../decision/template-reply.domain.ts';
import type { Policy } from '../policy/policy.domain.ts';
import type { Known } from '../recipient/known-facts.ts';
import type { Standing, TurnCode } from './turn.domain.ts';
import type { TurnRow } from './turn.store.ts';

export interface TurnDeps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly readSets: ReadSets;
}

/** Everything that is known when a turn is answered. */
export interface Turn {
  readonly row: TurnRow;
  readonly known: Known;
  readonly policy: Policy;
  readonly messageIds: readonly MessageId[];
  /** BCP 47; null if it is not known. */
  readonly language: string | null;
  readonly standing: Standing;
  /** Why a machine must not answer, whatever it would say. */
  readonly refusal: TurnCode | null;
  readonly now: Date;
}

/** A message of the bot, for the version of the conversation that is known. */
export function wantedReply(turn: Turn, reply: TemplateReply, purpose: 'answer' | 'acknowledgement'): Wanted {
  const { row, known } = turn;
  return {
    decision: {
      ...reply,
      ...{ tenantId: row.tenant_id, id: newId<DecisionId>(), conversationId: row.conversation_id },
      ...{ kind: 'reply', messageId: newId<MessageId>(), purpose, rule: null, basedOnVersion: known.facts.version },
    },
    origin: originOf(turn),
  };
}

/** What the last message of the turn caused. */
export function causeOf({ row }: Turn) {
  const { event_id: id, correlation_id: correlationId, causation_depth: causationDepth, traceparent } = row;
  return {
    event: { id, correlationId, causationDepth, actor: { kind: 'automation', id: null } },
    traceparent,
  } as const;
}

export function originOf(turn: Turn) {
  return causedByEvent(causeOf(turn));
}
