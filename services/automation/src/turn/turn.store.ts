import { type ConversationId, firstIdAt, type TenantId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

export type TurnRow = Row<'turn'>;

interface Key {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
}

/** Beyond this age a message is history: a machine does not answer it. */
const answeredForMs = 12 * 3_600_000;
/** A buyer who goes on writing is answered after so many times the wait. */
const waitsMax = 8;

/**
 * Adds messages of buyers to the turns of their conversations, where the workspace lets a machine answer, and has the turns
 * end when the buyer has been silent for a while. True if there is one.
 */
export async function addToTurns(
  trx: Transaction<DB>,
  added: readonly Delivered<'conversation.message-added'>[],
  now: Date,
): Promise<boolean> {
  const rows = joined(added.filter(({ event }) => isToAnswer(event, now)));
  if (rows.length === 0) return false;
  const { numAffectedRows } = await sql`
    insert into turn as t (tenant_id, conversation_id, message_id, kind, position, first_position, first_at, due_at,
      event_id, correlation_id, causation_depth, traceparent)
    select m.tenant_id, m.conversation_id, m.message_id, m.kind, m.position, m.first_position, ${now}::timestamptz,
      ${now}::timestamptz + coalesce(p.wait_seconds, ${defaultWaitSeconds}) * interval '1 second',
      m.event_id, m.correlation_id, m.causation_depth, m.traceparent
    from json_populate_recordset(null::turn, ${JSON.stringify(rows)}::json) m
    left join automation_policy p on p.tenant_id = m.tenant_id
    left join lateral (
      select has_turn from rule_set where tenant_id = m.tenant_id order by number desc limit 1) s on true
    where p.mode <> 'off' or s.has_turn
    order by m.tenant_id, m.conversation_id
    on conflict (tenant_id, conversation_id) do update
    set message_id = excluded.message_id, kind = excluded.kind, position = excluded.position,
      first_position = case when t.due_at is null then excluded.first_position else t.first_position end,
      first_at = case when t.due_at is null then excluded.first_at else t.first_at end,
      due_at = case when t.due_at is null then excluded.due_at
        else least(excluded.due_at, t.first_at + (excluded.due_at - excluded.first_at) * ${waitsMax}::int) end,
      event_id = excluded.event_id, correlation_id = excluded.correlation_id,
      causation_depth = excluded.causation_depth, traceparent = excluded.traceparent, code = null,
      refused_code = null
    where t.position < excluded.position`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}

const defaultWaitSeconds = 6;

type Added = Delivered<'conversation.message-added'>['event'];

function isToAnswer({ data, occurredAt }: Added, now: Date): boolean {
  return (
    data.direction === 'inbound' &&
    data.author === 'buyer' &&
    data.answers === undefined &&
    now.getTime() - Date.parse(occurredAt) < answeredForMs
  );
}

/** One row a conversation: its last message, and where the first one is. */
function joined(added: readonly Delivered<'conversation.message-added'>[]) {
  return [...Map.groupBy(added, ({ event }) => `${event.tenantId} ${event.aggregateId}`).values()].flatMap((own) => {
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    const { event, traceparent } = last;
    return {
      ...{ tenant_id: event.tenantId, conversation_id: event.data.conversation.conversationId },
      ...{ message_id: event.data.messageId, kind: event.data.kind, position: event.aggregateVersion },
      ...{ first_position: first.event.aggregateVersion, event_id: event.id, correlation_id: event.correlationId },
      ...{ causation_depth: event.causationDepth, traceparent },
    };
  });
}

/** How long a worker has for a turn before another one takes it. */
const leaseSeconds = 30;

/** Takes turns that are due. */
export async function claimDueTurns(trx: Transaction<DB>, limit: number, now: Date): Promise<TurnRow[]> {
  const { rows } = await sql<TurnRow>`
    update turn t set due_at = ${now}::timestamptz + ${leaseSeconds} * interval '1 second'
    from (select tenant_id, conversation_id from turn where due_at <= ${now} order by due_at limit ${limit}
      for update skip locked) d
    where t.tenant_id = d.tenant_id and t.conversation_id = d.conversation_id
    returning t.*`.execute(trx);
  return rows;
}

/** Locks a turn that was taken; null if another message has come since, or somebody else has taken it. */
export async function lockTaken(trx: Transaction<DB>, taken: TurnRow): Promise<TurnRow | null> {
  const row = await lockTurn(trx, { tenantId: taken.tenant_id, conversationId: taken.conversation_id });
  const isSame = row?.position === taken.position && row.due_at?.getTime() === taken.due_at?.getTime();
  return isSame ? row : null;
}

export async function lockTurn(trx: Transaction<DB>, { tenantId, conversationId }: Key): Promise<TurnRow | null> {
  const row = await trx
    .selectFrom('turn')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export async function readTurns(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, TurnRow>> {
  const rows = await trx
    .selectFrom('turn')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.conversation_id, row]));
}

export async function saveTurn(trx: Transaction<DB>, { tenant_id, conversation_id, ...state }: TurnRow): Promise<void> {
  await trx
    .updateTable('turn')
    .set(state)
    .where('tenant_id', '=', tenant_id)
    .where('conversation_id', '=', conversation_id)
    .execute();
}

/** The turn of a conversation that was joined into another one ends. */
export async function endTurns(trx: Transaction<DB>, keys: readonly Key[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    update turn t set due_at = null
    from unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.conversationId)}::uuid[])
      as k (tenant_id, conversation_id)
    where t.tenant_id = k.tenant_id and t.conversation_id = k.conversation_id`.execute(trx);
}

/**
 * What a machine answered in a conversation within 24 hours. An answer that is not settled counts if it can still be written:
 * one that knew less than the buyer's last message, and was not written before that, will be refused.
 */
export async function recentAnswers(
  trx: Transaction<DB>,
  { tenant_id: tenantId, conversation_id: conversationId, position }: TurnRow,
  now: Date,
): Promise<string[]> {
  const since = new Date(now.getTime() - 86_400_000);
  const { rows } = await sql<{ text: string | null }>`
    select d.body ->> 'text' as text from decision d
    where d.tenant_id = ${tenantId} and d.conversation_id = ${conversationId} and d.purpose = 'answer'
      and d.id >= ${firstIdAt(since)}::uuid and d.decided_at > ${since} and d.outcome is distinct from 'refused'
      and (d.outcome is not null or d.based_on_version >= ${position}
        or exists (select from message_text t where t.tenant_id = d.tenant_id and t.message_id = d.message_id))`.execute(
    trx,
  );
  return rows.flatMap(({ text }) => text ?? []);
}

/** Whether a person was called within 24 hours, by a rule for instance. */
export async function wasEscalated(
  trx: Transaction<DB>,
  { tenant_id: tenantId, conversation_id: conversationId }: TurnRow,
  now: Date,
): Promise<boolean> {
  const since = firstIdAt(new Date(now.getTime() - 86_400_000));
  const { rows } = await sql`
    select from decision where tenant_id = ${tenantId} and conversation_id = ${conversationId} and kind = 'escalate'
      and id >= ${since}::uuid and outcome is distinct from 'refused' limit 1`.execute(trx);
  return rows.length > 0;
}
