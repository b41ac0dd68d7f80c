import type { MessageId } from '@crossdesk/contracts';
import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { DB } from '../../db.ts';
import { sentDrafts } from '../draft/draft.store.ts';
import { type MessageTranslationRow, translationsOfMessages } from './message-translation.store.ts';

/** The translations of the messages of one operation, in two statements: of buyers' messages, and of replies. */
export function loadMessageTranslations({ db }: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext) {
  return new DataLoader<MessageId, MessageTranslationRow[]>(async (messageIds) => {
    const { tenantId } = signedIn(request);
    const rows = await db.forTenant(tenantId, async (trx) => [
      ...(await translationsOfMessages(trx, tenantId, messageIds)),
      ...(await sentDrafts(trx, tenantId, messageIds)),
    ]);
    const found = Map.groupBy(rows, (row) => row.message_id);
    return messageIds.map((messageId) => found.get(messageId) ?? []);
  });
}
