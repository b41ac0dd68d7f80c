import type { ConversationId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import { type Conversation, previewOf } from '../conversation/conversation.domain.ts';
import type { DB } from '../db.ts';
import { shownLine } from '../message/message-change.domain.ts';
import { messagePages } from '../message/message.store.ts';

/** What conversations show of their latest message, after messages were moved. */
export async function latestMessages(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Pick<Conversation, 'lastMessageAt' | 'lastMessagePreview'>>> {
  const pages = await messagePages(trx, tenantId, ids, { first: 1, after: null, oldestFirst: false });
  return new Map(
    [...pages].flatMap(([id, [latest]]) =>
      latest === undefined
        ? []
        : [[id, { lastMessageAt: latest.occurredAt, lastMessagePreview: previewOf(shownLine(latest)) }] as const],
    ),
  );
}
