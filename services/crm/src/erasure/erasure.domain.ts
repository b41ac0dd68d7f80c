import type { AgentId, CustomerId, ErasureId, ServiceName, TenantId } from '@crossdesk/contracts';

/** The services that hold personal data of customers; each erases every conversation of one. */
export const erasingServices = [
  'ingest',
  'conversation',
  'crm',
  'automation',
] as const satisfies readonly ServiceName[];
export type ErasingService = (typeof erasingServices)[number];

/** A row of the ledger: a person requested the erasure of a customer in all services. */
export interface LedgerEntry {
  readonly tenantId: TenantId;
  readonly id: ErasureId;
  readonly customerId: CustomerId;
  /** The profiles that were the customer when it was requested. Whoever joins them later is not erased. */
  readonly profileIds: readonly CustomerId[];
  readonly requestedAt: Date;
  readonly requestedBy: AgentId;
  readonly completedAt: Date | null;
  readonly version: number;
}

export interface ErasureWish {
  readonly tenantId: TenantId;
  readonly customerId: CustomerId;
  readonly profileIds: readonly CustomerId[];
  readonly by: AgentId;
  readonly now: Date;
  /** For use after a restore, which may have undone what the ledger holds as done. */
  readonly isRepeat: boolean;
}

/** A repeated request returns the known erasure unchanged, unless the erasure is to be repeated. */
export function requestErasure(known: LedgerEntry | null, wish: ErasureWish, createId: () => ErasureId): LedgerEntry {
  const { tenantId, customerId, by, now, isRepeat } = wish;
  if (known !== null && !isRepeat) return known;
  return {
    tenantId,
    id: known?.id ?? createId(),
    customerId,
    profileIds: [...new Set([...(known?.profileIds ?? []), ...wish.profileIds])],
    requestedAt: now,
    requestedBy: by,
    completedAt: null,
    version: (known?.version ?? 0) + 1,
  };
}
