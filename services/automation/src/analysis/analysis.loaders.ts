import type { ConversationId, MessageId } from '@crossdesk/contracts';
import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { DB } from '../db.ts';
import { readAnalyses, readConversations } from './analysis.store.ts';

/** A message as other subgraphs refer to it. */
export interface MessageReference {
  readonly id: string;
}

export type StoredAnalysis = Awaited<ReturnType<typeof readAnalyses>>[number];

/** The analyses of the messages of one operation, in one statement. */
export function loadAnalyses(runtime: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext) {
  return new DataLoader<MessageId, StoredAnalysis | null>(async (messageIds) => {
    const { tenantId } = signedIn(request);
    const rows = await runtime.db.forTenant(tenantId, (trx) => readAnalyses(trx, tenantId, messageIds));
    const found = new Map(rows.map((row) => [row.message_id, row]));
    return messageIds.map((messageId) => found.get(messageId) ?? null);
  });
}

export type StoredConversation = Awaited<ReturnType<typeof readConversations>>[number];

/** Mood and triage of the conversations of one operation, in one statement. */
export function loadConversations(runtime: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext) {
  return new DataLoader<ConversationId, StoredConversation | null>(async (ids) => {
    const { tenantId } = signedIn(request);
    const rows = await runtime.db.forTenant(tenantId, (trx) => readConversations(trx, tenantId, ids));
    const found = new Map(rows.map((row) => [row.conversation_id, row]));
    return ids.map((id) => found.get(id) ?? null);
  });
}
