import { type DecisionId, newId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import { lockForEvents } from '../analysis/analysis.store.ts';
import type { DB } from '../db.ts';
import { recordDecisions, type Wanted } from '../decision/record-decisions.ts';
import { refuseSending, templateReply } from '../decision/template-reply.domain.ts';
import { promiseAt, valuesOfPromise } from '../policy/policy.domain.ts';
import { templatesByIds } from '../template/template.store.ts';
import { originOf, type Turn, type TurnDeps, wantedReply } from './turn-context.ts';
import { isPressing, reasons, type TurnCode } from './turn.domain.ts';
import { type TurnRow, wasEscalated } from './turn.store.ts';

type HandedOver = Pick<TurnRow, 'handed_over_version' | 'handed_over_at' | 'handed_over_code' | 'promised_by'>;

/**
 * Leaves the conversation to people, once in an exchange: the buyer is told when somebody will answer, and what presses is
 * brought before them with the reason.
 */
export async function handOver(deps: TurnDeps, trx: Transaction<DB>, turn: Turn, code: TurnCode): Promise<HandedOver> {
  const { row, known, now } = turn;
  const promised = await promise(trx, turn);
  const wanted = [
    ...(promised === null ? [] : [wantedReply(turn, promised.reply, 'acknowledgement')]),
    ...(isPressing(code) && !(await wasEscalated(trx, row, now)) ? [escalation(turn, code)] : []),
  ];
  await recordDecisions(deps, trx, wanted);
  const promisedBy = promised?.by ?? null;
  const [aggregate] = await lockForEvents(trx, [{ tenantId: row.tenant_id, conversationId: row.conversation_id }]);
  if (aggregate !== undefined)
    await deps.outbox.append(trx, [
      {
        ...{ aggregate, type: 'automation.handover-decided', origin: originOf(turn) },
        data: {
          conversationId: row.conversation_id,
          messageId: row.message_id,
          reason: code,
          promisedBy: promisedBy?.toISOString() ?? null,
        },
      },
    ]);
  return {
    handed_over_version: known.facts.version,
    handed_over_at: now,
    handed_over_code: code,
    promised_by: promisedBy,
  };
}

/** The message that promises an answer, and for when; null if there is none to be sent. */
async function promise(trx: Transaction<DB>, { row, policy, known, now }: Turn) {
  const { handOver: wanted } = policy.content;
  if (wanted === null) return null;
  const { isAtWork, by } = promiseAt(wanted, now);
  if (isAtWork && wanted.isOnlyOutsideHours) return null;
  const template = (await templatesByIds(trx, row.tenant_id, [wanted.templateId])).get(wanted.templateId);
  if (template === undefined) return null;
  const values = new Map([...known.values, ...valuesOfPromise(by, wanted.timeZone, now)]);
  const reply = templateReply(template, known.recipient, values);
  if (!reply.ok || refuseSending(known.facts, reply.value.content, now) !== null) return null;
  return { reply: reply.value, by };
}

function escalation(turn: Turn, code: TurnCode): Wanted {
  const { row } = turn;
  return {
    decision: {
      ...{ tenantId: row.tenant_id, id: newId<DecisionId>(), conversationId: row.conversation_id, rule: null },
      kind: 'escalate',
      action: { kind: 'escalate', priority: 'high', agentId: null, note: reasons[code] },
    },
    origin: originOf(turn),
  };
}
