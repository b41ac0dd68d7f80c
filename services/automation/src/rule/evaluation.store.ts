import { type ConversationId, firstIdAt, type MessageId, type RuleId, type TenantId } from '@crossdesk/contracts';
import { textArray } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { countKey, type CountWanted, type Ledger, type Subject } from './limit.domain.ts';

export type Evaluation = Row<'evaluation'>;
type NewEvaluation = Omit<Evaluation, 'seq'>;

export async function insertEvaluations(trx: Transaction<DB>, rows: readonly NewEvaluation[]): Promise<void> {
  await sql`
    insert into evaluation (tenant_id, event_id, trigger, conversation_id, message_id, correlation_id, buyer_id,
      based_on_version, rule_set, facts, denials, taken, trace_hash, results, evaluated_at, timer_rule_id)
    select tenant_id, event_id, trigger, conversation_id, message_id, correlation_id, buyer_id,
      based_on_version, rule_set, facts::jsonb, denials::jsonb, string_to_array(taken, ','), trace_hash, results::jsonb,
      evaluated_at, timer_rule_id
    from unnest(${rows.map((r) => r.tenant_id)}::uuid[], ${rows.map((r) => r.event_id)}::uuid[],
      ${rows.map((r) => r.trigger)}::text[], ${rows.map((r) => r.conversation_id)}::uuid[],
      ${rows.map((r) => r.message_id)}::uuid[], ${rows.map((r) => r.correlation_id)}::uuid[],
      ${rows.map((r) => r.buyer_id)}::uuid[], ${rows.map((r) => r.based_on_version)}::int[], ${rows.map((r) => r.rule_set)}::int[],
      ${textArray(rows.map((r) => JSON.stringify(r.facts)))}::text[],
      ${textArray(rows.map((r) => JSON.stringify(r.denials)))}::text[],
      ${rows.map((r) => r.taken.join(','))}::text[], ${rows.map((r) => r.trace_hash)}::text[],
      ${textArray(rows.map((r) => JSON.stringify(r.results)))}::text[],
      ${rows.map((r) => r.evaluated_at)}::timestamptz[], ${rows.map((r) => r.timer_rule_id)}::uuid[]) with ordinality
      as e (tenant_id, event_id, trigger, conversation_id, message_id, correlation_id, buyer_id, based_on_version, rule_set,
        facts, denials, taken, trace_hash, results, evaluated_at, timer_rule_id, place)
    order by place`.execute(trx);
}

export type Act = Row<'rule_act'>;

export async function insertActs(trx: Transaction<DB>, acts: readonly Act[]): Promise<void> {
  if (acts.length === 0) return;
  await trx
    .insertInto('rule_act')
    .values([...acts])
    .execute();
}

/** One evaluation at a time counts what a workspace, or a buyer in several conversations, has used up. */
export async function lockLimits(trx: Transaction<DB>, tenantIds: Iterable<TenantId>): Promise<void> {
  for (const tenantId of [...new Set(tenantIds)].toSorted())
    await sql`select pg_advisory_xact_lock(hashtextextended(${`automation limits ${tenantId}`}, 0))`.execute(trx);
}

/** What rules did before. */
export async function readLedger(
  trx: Transaction<DB>,
  once: readonly (Subject & { readonly ruleId: RuleId })[],
  counts: readonly CountWanted[],
): Promise<Ledger> {
  return { once: await readOnce(trx, once), counts: await readCounts(trx, counts) };
}

async function readOnce(
  trx: Transaction<DB>,
  wanted: readonly (Subject & { readonly ruleId: RuleId })[],
): Promise<Set<string>> {
  if (wanted.length === 0) return new Set();
  const { rows } = await sql<Pick<Act, 'tenant_id' | 'rule_id' | 'correlation_id'>>`
    select a.tenant_id, a.rule_id, a.correlation_id from rule_act a
    join unnest(${wanted.map((w) => w.tenantId)}::uuid[], ${wanted.map((w) => w.ruleId)}::uuid[],
      ${wanted.map((w) => w.correlationId)}::uuid[]) as w (tenant_id, rule_id, correlation_id)
      on a.tenant_id = w.tenant_id and a.rule_id = w.rule_id and a.correlation_id = w.correlation_id`.execute(trx);
  return new Set(rows.map((row) => `${row.tenant_id} ${row.rule_id} ${row.correlation_id}`));
}

async function readCounts(trx: Transaction<DB>, wanted: readonly CountWanted[]): Promise<Map<string, number>> {
  const distinct = [...new Map(wanted.map((one) => [countKey(one), one])).values()];
  if (distinct.length === 0) return new Map();
  const { rows } = await sql<{ place: number; count: number }>`
    select w.place::int as place, count(a.rule_id)::int as count
    from unnest(${distinct.map((w) => w.tenantId)}::uuid[], ${distinct.map((w) => w.ruleId)}::uuid[],
      ${distinct.map((w) => w.mode)}::text[], ${distinct.map((w) => w.scope)}::text[],
      ${distinct.map((w) => w.subjectId)}::uuid[], ${distinct.map((w) => w.since)}::timestamptz[])
      with ordinality as w (tenant_id, rule_id, mode, scope, subject_id, since, place)
    join rule_act a on a.tenant_id = w.tenant_id and a.rule_id = w.rule_id and a.mode = w.mode and a.acted_at > w.since
      and (w.scope <> 'conversation' or a.conversation_id = w.subject_id)
      and (w.scope <> 'buyer' or a.buyer_id = w.subject_id)
    group by w.place`.execute(trx);
  return new Map(
    rows.flatMap(({ place, count }) => {
      const one = distinct[place - 1];
      return one === undefined ? [] : [[countKey(one), count] as const];
    }),
  );
}

/** The evaluations of a message, the first one first. */
export async function evaluationsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
  messageId: MessageId,
): Promise<Evaluation[]> {
  return trx
    .selectFrom('evaluation')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('message_id', '=', messageId)
    .orderBy('event_id')
    .execute();
}

interface Chain {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly correlationId: string;
}

/** The last evaluations of the messages that began chains of events, by correlation. */
export async function lastOfChains(trx: Transaction<DB>, chains: readonly Chain[]): Promise<Map<string, Evaluation>> {
  const { rows } = await sql<Evaluation>`
    select distinct on (e.tenant_id, e.correlation_id) e.* from evaluation e
    join unnest(${chains.map((c) => c.tenantId)}::uuid[], ${chains.map((c) => c.conversationId)}::uuid[],
      ${chains.map((c) => c.correlationId)}::uuid[]) as c (tenant_id, conversation_id, correlation_id)
      on e.tenant_id = c.tenant_id and e.conversation_id = c.conversation_id and e.correlation_id = c.correlation_id
    where e.trigger = 'message' and e.timer_rule_id is null
    order by e.tenant_id, e.correlation_id, e.event_id desc`.execute(trx);
  return new Map(rows.map((row) => [row.correlation_id, row]));
}

/** What rules knew of conversations whose buyer was erased. */
export async function forgetEvaluations(
  trx: Transaction<DB>,
  conversations: readonly { readonly tenantId: TenantId; readonly conversationId: ConversationId }[],
): Promise<void> {
  await sql`
    delete from evaluation e using unnest(${conversations.map((c) => c.tenantId)}::uuid[],
      ${conversations.map((c) => c.conversationId)}::uuid[]) as c (tenant_id, conversation_id)
    where e.tenant_id = c.tenant_id and e.conversation_id = c.conversation_id`.execute(trx);
}

/** Deletes evaluations, and acts that no limit counts any more. */
export async function forgetBefore(trx: Transaction<DB>, before: Date): Promise<void> {
  await sql`delete from evaluation where event_id < ${firstIdAt(before)}::uuid`.execute(trx);
  await trx.deleteFrom('rule_act').where('acted_at', '<', before).execute();
}
