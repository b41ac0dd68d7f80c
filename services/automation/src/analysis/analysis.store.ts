import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Analysis, AnalysedConversation, Revision } from './analysis.domain.ts';

/** Stores the analyses of messages that have none yet, and returns those, in the given order. */
export async function insertAnalyses(
  trx: Transaction<DB>,
  analyses: readonly Analysis[],
  now: Date,
): Promise<Analysis[]> {
  const { rows } = await sql<Pick<Row<'message_analysis'>, 'tenant_id' | 'message_id'>>`
    insert into message_analysis (tenant_id, message_id, conversation_id, language, confidence, engine, understanding,
      analysed_at)
    select tenant_id, message_id, conversation_id, language, confidence, engine, understanding, ${now}
    from unnest(${analyses.map((a) => a.tenantId)}::uuid[], ${analyses.map((a) => a.messageId)}::uuid[],
      ${analyses.map((a) => a.conversationId)}::uuid[], ${analyses.map((a) => a.language)}::text[],
      ${analyses.map((a) => a.confidence)}::double precision[], ${analyses.map((a) => a.engine)}::text[],
      ${analyses.map((a) => a.understanding && JSON.stringify(a.understanding))}::jsonb[])
      as a (tenant_id, message_id, conversation_id, language, confidence, engine, understanding)
    order by tenant_id, message_id
    on conflict (tenant_id, message_id) do nothing
    returning tenant_id, message_id`.execute(trx);
  const unseen = new Set(rows.map((row) => `${row.tenant_id} ${row.message_id}`));
  return analyses.filter(({ tenantId, messageId }) => unseen.delete(`${tenantId} ${messageId}`));
}

type Key = Pick<Analysis, 'tenantId' | 'conversationId'>;

/** Locks the conversations, in the order of their ids so that two batches cannot deadlock, and creates new ones. */
export async function lockConversations(
  trx: Transaction<DB>,
  keys: readonly Key[],
): Promise<Map<string, AnalysedConversation>> {
  const { rows } = await sql<Row<'analysed_conversation'>>`
    insert into analysed_conversation as c (tenant_id, conversation_id, version)
    select distinct tenant_id, conversation_id, 0
    from unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.conversationId)}::uuid[])
      as k (tenant_id, conversation_id)
    order by tenant_id, conversation_id
    on conflict (tenant_id, conversation_id) do update set version = c.version
    returning *`.execute(trx);
  const conversations = rows.map(
    ({ tenant_id: tenantId, conversation_id: conversationId, version, mood, triage }): AnalysedConversation => ({
      tenantId,
      conversationId,
      version,
      mood,
      triage,
    }),
  );
  return new Map(conversations.map((conversation) => [keyText(conversation), conversation]));
}

/** Keys a Map: ids come from outside, so two tenants may have the same one. */
export function keyText({ tenantId, conversationId }: Key): string {
  return `${tenantId}/${conversationId}`;
}

/** Saves conversations that are locked. */
export async function saveConversations(
  trx: Transaction<DB>,
  conversations: readonly AnalysedConversation[],
): Promise<void> {
  const json = (value: object | null) => (value === null ? null : JSON.stringify(value));
  await sql`
    update analysed_conversation c set version = s.version, mood = s.mood, triage = s.triage
    from unnest(${conversations.map((c) => c.tenantId)}::uuid[], ${conversations.map((c) => c.conversationId)}::uuid[],
      ${conversations.map((c) => c.version)}::integer[], ${conversations.map((c) => json(c.mood))}::jsonb[],
      ${conversations.map((c) => json(c.triage))}::jsonb[]) as s (tenant_id, conversation_id, version, mood, triage)
    where c.tenant_id = s.tenant_id and c.conversation_id = s.conversation_id`.execute(trx);
}

/** A locked conversation, for the event with this version. */
export function aggregateOf({ tenantId, conversationId }: Key, version: number): LockedAggregate {
  return lockedAggregate({ tenantId, id: conversationId, version });
}

/**
 * Locks conversations for other events of this service about them: decisions. Each gets the next version of its
 * conversation, in the given order.
 */
export async function lockForEvents(trx: Transaction<DB>, keys: readonly Key[]): Promise<LockedAggregate[]> {
  const conversations = await lockConversations(trx, keys);
  const aggregates = keys.map((key) => {
    const version = (conversations.get(keyText(key))?.version ?? 0) + 1;
    const conversation = conversations.get(keyText(key));
    if (conversation !== undefined) conversations.set(keyText(key), { ...conversation, version });
    return aggregateOf(key, version);
  });
  await saveConversations(trx, [...conversations.values()]);
  return aggregates;
}

/** The language of a message; null if it has none, or was not analysed yet. */
export async function languageOfMessage(
  trx: Transaction<DB>,
  tenantId: TenantId,
  messageId: MessageId,
): Promise<string | null> {
  return (await readAnalyses(trx, tenantId, [messageId]))[0]?.language ?? null;
}

/** The mood and the triage of conversations that have them. */
export async function readConversations(trx: Transaction<DB>, tenantId: TenantId, ids: readonly ConversationId[]) {
  return trx
    .selectFrom('analysed_conversation')
    .select(['conversation_id', 'mood', 'triage'])
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', 'in', ids)
    .execute();
}

/** The analyses of messages that have one. */
export async function readAnalyses(trx: Transaction<DB>, tenantId: TenantId, messageIds: readonly MessageId[]) {
  if (messageIds.length === 0) return [];
  return trx
    .selectFrom('message_analysis')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('message_id', 'in', messageIds)
    .execute();
}

/** Replaces the analyses of messages. */
export async function saveRevisions(trx: Transaction<DB>, revisions: readonly Revision[], now: Date): Promise<void> {
  const analyses = revisions.map(({ analysis }) => analysis);
  await sql`
    update message_analysis m set language = r.language, confidence = r.confidence, engine = r.engine,
      understanding = r.understanding, revision = r.revision, analysed_at = ${now}
    from unnest(${analyses.map((a) => a.tenantId)}::uuid[], ${analyses.map((a) => a.messageId)}::uuid[],
      ${analyses.map((a) => a.language)}::text[], ${analyses.map((a) => a.confidence)}::double precision[],
      ${analyses.map((a) => a.engine)}::text[],
      ${analyses.map((a) => a.understanding && JSON.stringify(a.understanding))}::jsonb[],
      ${revisions.map(({ revision }) => revision)}::integer[])
      as r (tenant_id, message_id, language, confidence, engine, understanding, revision)
    where m.tenant_id = r.tenant_id and m.message_id = r.message_id`.execute(trx);
}

/** Moves the analyses of a conversation into another one. */
export async function moveAnalyses(trx: Transaction<DB>, from: Key, into: ConversationId): Promise<void> {
  await trx
    .updateTable('message_analysis')
    .set({ conversation_id: into })
    .where('tenant_id', '=', from.tenantId)
    .where('conversation_id', '=', from.conversationId)
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

/** Whether the conversation has a message that this service has seen; and the language of the buyer's last one. */
export async function languageOfConversation(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<{ readonly isKnown: boolean; readonly locale: string | null }> {
  const known = await trx
    .selectFrom('analysed_conversation')
    .select('conversation_id')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  const last = await trx
    .selectFrom('message_analysis')
    .select('language')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('language', 'is not', null)
    // The buyer's last message as the conversation service tells it; before it has, the last one of either side.
    .orderBy(
      sql`message_id = (select last_inbound_id from conversation_facts f
      where f.tenant_id = ${tenantId} and f.conversation_id = ${conversationId}) desc nulls last`,
    )
    .orderBy('message_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return { isKnown: known !== undefined, locale: last?.language ?? null };
}
