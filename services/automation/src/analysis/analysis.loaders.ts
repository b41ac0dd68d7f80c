import type { MessageId } from '@crossdesk/contracts';
import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { DB } from '../db.ts';
import { readLanguages } from './analysis.store.ts';

/** A message as other subgraphs refer to it. */
export interface MessageReference {
  readonly id: string;
}

export interface MessageLanguage {
  readonly locale: string;
  readonly confidence: number;
  readonly engine: string;
}

/** The languages of the messages of one operation, in one statement. */
export function loadLanguages(runtime: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext) {
  return new DataLoader<MessageId, MessageLanguage | null>(async (messageIds) => {
    const { tenantId } = signedIn(request);
    const rows = await runtime.db.forTenant(tenantId, (trx) => readLanguages(trx, tenantId, messageIds));
    const found = new Map(rows.map((row) => [row.message_id, row]));
    return messageIds.map((messageId) => {
      const row = found.get(messageId);
      if (row === undefined || row.language === null) return null;
      return { locale: row.language, confidence: row.confidence, engine: row.engine };
    });
  });
}
