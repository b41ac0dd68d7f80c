import type { ConversationId, ErasedRows, ErasureId, TenantId } from '@crossdesk/contracts';
import type { Clock, ConsumerSpec } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { ErasingService } from '../erasure/erasure.domain.ts';
import { notePart } from '../erasure/erasure.store.ts';

interface Erased {
  readonly event: {
    readonly tenantId: TenantId;
    readonly data: {
      readonly erasureId: ErasureId;
      readonly conversationId: ConversationId;
      readonly rows: ErasedRows;
    };
  };
}

/** Records in the ledger what the other services have erased. */
export function ledgerConsumer({ clock }: { readonly clock: Clock }): ConsumerSpec<DB> {
  const erasedBy = (service: ErasingService) => async (trx: Transaction<DB>, events: readonly Erased[]) => {
    for (const { event } of events)
      await notePart(trx, { ...event.data, tenantId: event.tenantId, service }, clock.now());
  };
  return {
    name: 'crm.ledger',
    on: {
      'ingest.personal-data-erased': erasedBy('ingest'),
      'conversation.personal-data-erased': erasedBy('conversation'),
      'automation.personal-data-erased': erasedBy('automation'),
    },
  };
}
