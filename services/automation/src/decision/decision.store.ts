import {
  type AgentId,
  type ConversationId,
  type DecisionId,
  type ErasedRows,
  erasedReply,
  type EventData,
  type MessageId,
  type TenantId,
} from '@crossdesk/contracts';
import { countMax, eraseHistory } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Action, Content, Decision, RecordedDecision } from './decision.domain.ts';

type DecisionRow = Row<'decision'>;

interface NewDecision {
  readonly decision: Decision;
  readonly agentId: AgentId | null;
  readonly decidedAt: Date;
}

export async function insertDecisions(trx: Transaction<DB>, decisions: readonly NewDecision[]): Promise<void> {
  await sql`
    insert into decision
    select * from json_populate_recordset(null::decision, ${JSON.stringify(decisions.map(toRow))}::json)`.execute(trx);
}

function toRow({ decision, agentId, decidedAt }: NewDecision): DecisionRow {
  const reply = decision.kind === 'reply' ? decision : null;
  return {
    tenant_id: decision.tenantId,
    id: decision.id,
    conversation_id: decision.conversationId,
    kind: decision.kind,
    rule_id: decision.rule?.ruleId ?? null,
    rule_version: decision.rule?.version ?? null,
    agent_id: agentId,
    message_id: reply?.messageId ?? null,
    purpose: reply?.purpose ?? null,
    based_on_version: reply?.basedOnVersion ?? null,
    template_id: reply?.template?.templateId ?? null,
    variant_id: reply?.template?.variantId ?? null,
    locale: reply?.template?.locale ?? null,
    body: decision.kind === 'reply' ? decision.content : decision.action,
    outcome: null,
    code: null,
    decided_at: decidedAt,
    settled_at: null,
  };
}

type Settled = Pick<EventData<'conversation.decision-settled'>, 'decisionId' | 'outcome' | 'code'> & {
  readonly tenantId: TenantId;
  /** ISO 8601. */
  readonly settledAt: string;
};

/** Records what became of decisions. */
export async function settleDecisions(trx: Transaction<DB>, settled: readonly Settled[]): Promise<void> {
  await sql`
    update decision d set outcome = s.outcome, code = s.code, settled_at = s.settled_at
    from unnest(${settled.map((s) => s.tenantId)}::uuid[], ${settled.map((s) => s.decisionId)}::uuid[],
      ${settled.map((s) => s.outcome)}::text[], ${settled.map((s) => s.code)}::text[],
      ${settled.map((s) => s.settledAt)}::timestamptz[]) as s (tenant_id, id, outcome, code, settled_at)
    where d.tenant_id = s.tenant_id and d.id = s.id`.execute(trx);
}

/** Erases the words of the decisions about a conversation, here and in the history. */
export async function eraseDecisions(
  trx: Transaction<DB>,
  { tenantId, conversationId }: { readonly tenantId: TenantId; readonly conversationId: ConversationId },
): Promise<ErasedRows> {
  const { numUpdatedRows } = await trx
    .updateTable('decision')
    .set({
      body: sql`case kind when 'reply' then ${JSON.stringify(erasedReply)}::jsonb
        when 'escalate' then body || '{"note": ""}' else body end`,
    })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  const history = await eraseHistory(trx, tenantId, [conversationId]);
  return [{ table: 'decision', count: Number(numUpdatedRows) }, ...history];
}

export async function decisionsByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly DecisionId[],
): Promise<Map<DecisionId, RecordedDecision>> {
  const rows = await trx
    .selectFrom('decision')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, toDecision(row)]));
}

/** Which of these messages only say when a person will answer: they answer nothing. */
export async function acknowledgementsAmong(
  trx: Transaction<DB>,
  messages: readonly { readonly tenantId: TenantId; readonly messageId: MessageId }[],
): Promise<Set<MessageId>> {
  if (messages.length === 0) return new Set();
  const { rows } = await sql<{ message_id: MessageId }>`
    select d.message_id from unnest(${messages.map((m) => m.tenantId)}::uuid[],
      ${messages.map((m) => m.messageId)}::uuid[]) as m (tenant_id, message_id)
    join decision d on d.tenant_id = m.tenant_id and d.message_id = m.message_id
    where d.purpose = 'acknowledgement'`.execute(trx);
  return new Set(rows.map((row) => row.message_id));
}

/** A page of the decisions about each conversation, the latest first, and one more if there are any behind. */
export async function decisionPages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationIds: readonly ConversationId[],
  { first, after }: { readonly first: number; readonly after: DecisionId | null },
): Promise<Map<ConversationId, RecordedDecision[]>> {
  const behind = after === null ? sql`` : sql`and id < ${after}::uuid`;
  const { rows } = await sql<DecisionRow>`
    select d.* from unnest(${conversationIds}::uuid[]) as c (id)
    cross join lateral (
      select * from decision where tenant_id = ${tenantId} and conversation_id = c.id ${behind}
      order by id desc limit ${first + 1}) d
    order by d.id desc`.execute(trx);
  return Map.groupBy(rows.map(toDecision), (decision) => decision.conversationId);
}

/** How many decisions there are about each conversation, up to `countMax + 1`. */
export async function decisionCounts(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationIds: readonly ConversationId[],
): Promise<Map<ConversationId, number>> {
  const { rows } = await sql<{ conversation_id: ConversationId; count: number }>`
    select c.id as conversation_id, n.count from unnest(${conversationIds}::uuid[]) as c (id)
    cross join lateral (
      select count(*)::int as count from (
        select 1 from decision where tenant_id = ${tenantId} and conversation_id = c.id limit ${countMax + 1}) as counted
    ) as n`.execute(trx);
  return new Map(rows.map((row) => [row.conversation_id, row.count]));
}

function toDecision(row: DecisionRow): RecordedDecision {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    conversationId: row.conversation_id,
    kind: row.kind,
    rule: row.rule_id === null ? null : { ruleId: row.rule_id, version: row.rule_version ?? 0 },
    agentId: row.agent_id,
    reply: replyIn(row),
    // The body of everything else is the action that was recorded.
    action: row.kind === 'reply' ? null : (row.body as Action),
    outcome: row.outcome,
    code: row.code,
    decidedAt: row.decided_at,
    settledAt: row.settled_at,
  };
}

function replyIn(row: DecisionRow): RecordedDecision['reply'] {
  const { message_id: messageId, purpose, template_id: templateId, variant_id: variantId, locale } = row;
  if (messageId === null || purpose === null) return null;
  const isFromTemplate = templateId !== null && variantId !== null && locale !== null;
  const template = isFromTemplate ? { templateId, variantId, locale } : null;
  return { messageId, purpose, content: row.body as Content, template };
}
