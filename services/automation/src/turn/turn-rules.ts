import { newId, type EventId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { phrasesIn } from '../rule/compiled-set.domain.ts';
import type { Replies, Result } from '../rule/decide.domain.ts';
import { evaluateAll } from '../rule/evaluate.commands.ts';
import { factsOf, type KnownMessage } from '../rule/facts.domain.ts';
import { readConversationFacts } from '../rule/facts.store.ts';
import { knownOrder, unmarked } from '../rule/rule-sources.ts';
import type { Said } from './turn.domain.ts';
import { causeOf, type Turn, type TurnDeps } from './turn-context.ts';

/** What the rules that look at turns want done, and what became of it. */
export async function evaluateTurn(
  deps: TurnDeps,
  trx: Transaction<DB>,
  turn: Turn,
  replies: Replies,
): Promise<readonly Result[]> {
  const { row, known, messageIds, now, language, standing } = turn;
  const { tenant_id: tenantId, conversation_id: conversationId } = row;
  const set = (await deps.readSets(trx, [tenantId]))(tenantId);
  if (!set.triggers.has('turn')) return [];
  const counted = await readConversationFacts(trx, tenantId, conversationId);
  const messageCount = counted?.message_count ?? messageIds.length;
  const { said } = standing;
  const facts = factsOf({
    snapshot: snapshotOf(known.facts),
    known: { isLinked: true, hasOrder: known.order !== null, messageCount, customer: counted?.customer ?? unmarked },
    order: knownOrder(known.order),
    message: {
      language,
      phrases: said.text === '' ? null : phrasesIn(set, said.text, language),
      kind: row.kind,
      isFirst: messageCount <= messageIds.length,
      understanding: understandingOf(said),
    },
    now,
  });
  const [results = []] = await evaluateAll(deps, trx, [
    {
      ...{
        id: newId<EventId>(),
        set,
        cause: causeOf(turn),
        trigger: 'turn',
        timerRuleId: null,
        facts,
        now,
        taken: [],
        replies,
      },
      ...{ messageId: row.message_id, basedOnVersion: known.facts.version, values: known.values },
      subject: {
        ...{ tenantId, conversationId, correlationId: row.correlation_id },
        buyerId: counted?.customer_id ?? conversationId,
      },
    },
  ]);
  return results;
}

function snapshotOf(facts: Turn['known']['facts']) {
  const { channel, account_id: accountId, state, assignee_id: assigneeId, waiting_since: waitingSince } = facts;
  return { channel, accountId, state, assigneeId, waitingSince };
}

function understandingOf({ intents, sentiment, risks }: Said): KnownMessage['understanding'] {
  return sentiment === null ? null : { intents, sentiment, risks: risks.map((risk) => ({ class: risk })) };
}
