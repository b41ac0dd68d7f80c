import type { ConversationId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { fillReply } from '../work-action/reply-pattern.domain.ts';
import { replyValues } from '../work-action/reply-values.store.ts';
import type { BulkItemRow } from './bulk-item.store.ts';
import type { BulkJob } from './bulk-job.domain.ts';

/** A target of a job as people see it. */
export type ShownItem = BulkItemRow & { readonly text: string | null };

/** What the buyers of these conversations would read now; nothing for an action that is no reply. */
export async function itemTexts(
  trx: Transaction<DB>,
  { tenantId, action, agentId }: BulkJob,
  rows: readonly BulkItemRow[],
): Promise<Map<ConversationId, string>> {
  const texts = new Map<ConversationId, string>();
  if (action.kind !== 'reply' || rows.length === 0) return texts;
  const ids = rows.map((row) => row.conversation_id);
  const values = await replyValues(trx, tenantId, ids, agentId, action.text);
  for (const [id, known] of values) {
    const text = fillReply(action.text, known);
    if (text.ok) texts.set(id, text.value);
  }
  return texts;
}
