import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';

export interface Analysis {
  readonly tenantId: TenantId;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly language: string | null;
  readonly confidence: number;
  readonly engine: string;
}

/** Stores the analyses of messages that have none yet, and returns those, in the given order. */
export async function insertAnalyses(
  trx: Transaction<DB>,
  analyses: readonly Analysis[],
  now: Date,
): Promise<Analysis[]> {
  const { rows } = await sql<Pick<Row<'message_analysis'>, 'tenant_id' | 'message_id'>>`
    insert into message_analysis (tenant_id, message_id, conversation_id, language, confidence, engine, analysed_at)
    select tenant_id, message_id, conversation_id, language, confidence, engine, ${now}
    from unnest(${analyses.map((a) => a.tenantId)}::uuid[], ${analyses.map((a) => a.messageId)}::uuid[],
      ${analyses.map((a) => a.conversationId)}::uuid[], ${analyses.map((a) => a.language)}::text[],
      ${analyses.map((a) => a.confidence)}::double precision[], ${analyses.map((a) => a.engine)}::text[])
      as a (tenant_id, message_id, conversation_id, language, confidence, engine)
    order by tenant_id, message_id
    on conflict (tenant_id, message_id) do nothing
    returning tenant_id, message_id`.execute(trx);
  const unseen = new Set(rows.map((row) => `${row.tenant_id} ${row.message_id}`));
  return analyses.filter(({ tenantId, messageId }) => unseen.delete(`${tenantId} ${messageId}`));
}

/**
 * Locks conversations for the events of this service about them: analyses, decisions. Each gets the next version of its
 * conversation, in the given order.
 */
export async function lockForEvents(
  trx: Transaction<DB>,
  analyses: readonly Pick<Analysis, 'tenantId' | 'conversationId'>[],
): Promise<LockedAggregate[]> {
  const { rows } = await sql<Row<'analysed_conversation'>>`
    insert into analysed_conversation as c (tenant_id, conversation_id, version)
    select tenant_id, conversation_id, count(*)
    from unnest(${analyses.map((a) => a.tenantId)}::uuid[], ${analyses.map((a) => a.conversationId)}::uuid[])
      as a (tenant_id, conversation_id)
    group by tenant_id, conversation_id order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update set version = c.version + excluded.version
    returning tenant_id, conversation_id, version`.execute(trx);
  const versions = new Map(rows.map((row) => [`${row.tenant_id} ${row.conversation_id}`, row.version]));
  // The rows have the version after all changes, so the versions are assigned from the last analysis to the first.
  const locked = analyses.toReversed().map(({ tenantId, conversationId }) => {
    const key = `${tenantId} ${conversationId}`;
    const version = versions.get(key) ?? 0;
    versions.set(key, version - 1);
    return lockedAggregate({ tenantId, id: conversationId, version });
  });
  return locked.toReversed();
}

/** The language of a message; null if it has none, or was not analysed yet. */
export async function languageOfMessage(
  trx: Transaction<DB>,
  tenantId: TenantId,
  messageId: MessageId,
): Promise<string | null> {
  return (await readLanguages(trx, tenantId, [messageId]))[0]?.language ?? null;
}

/** The languages of messages that have one. */
export async function readLanguages(trx: Transaction<DB>, tenantId: TenantId, messageIds: readonly MessageId[]) {
  return trx
    .selectFrom('message_analysis')
    .select(['message_id', 'language', 'confidence', 'engine'])
    .where('tenant_id', '=', tenantId)
    .where('message_id', 'in', messageIds)
    .where('language', 'is not', null)
    .execute();
}

/** The conversation of a message; null if the message is not known. */
export async function conversationOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  messageId: MessageId,
): Promise<ConversationId | null> {
  const row = await trx
    .selectFrom('message_analysis')
    .select('conversation_id')
    .where('tenant_id', '=', tenantId)
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  return row?.conversation_id ?? null;
}
