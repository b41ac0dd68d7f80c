import type { AgentId, CustomerId, ErasureId, ServiceName, TenantId } from '@crossdesk/contracts';

/** The services that hold personal data of customers; each erases every conversation of one. */
export const erasingServices = ['ingest', 'conversation', 'crm'] as const satisfies readonly ServiceName[];
export type ErasingService = (typeof erasingServices)[number];

/** A row of the ledger: that somebody wanted a customer erased, everywhere. */
export interface LedgerEntry {
  readonly tenantId: TenantId;
  readonly id: ErasureId;
  readonly customerId: CustomerId;
  readonly requestedAt: Date;
  readonly requestedBy: AgentId;
  readonly completedAt: Date | null;
  readonly version: number;
}

export interface ErasureWish {
  readonly tenantId: TenantId;
  readonly customerId: CustomerId;
  readonly by: AgentId;
  readonly now: Date;
  /** After a restore: what the ledger holds as done may be undone. */
  readonly isRepeat: boolean;
}

/** An erasure asked for twice is one, unless it is to be repeated: then what is known stays as it is. */
export function requestErasure(known: LedgerEntry | null, wish: ErasureWish, createId: () => ErasureId): LedgerEntry {
  const { tenantId, customerId, by, now, isRepeat } = wish;
  if (known !== null && !isRepeat) return known;
  return {
    tenantId,
    id: known?.id ?? createId(),
    customerId,
    requestedAt: now,
    requestedBy: by,
    completedAt: null,
    version: (known?.version ?? 0) + 1,
  };
}
