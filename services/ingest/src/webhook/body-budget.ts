import type { TenantId } from '@crossdesk/contracts';

export interface BodyBudget {
  /**
   * Waits until the bytes of a body are free. Call the result when the delivery is answered; null: the wait was too long.
   */
  take(tenantId: TenantId, bytes: number): Promise<(() => void) | null>;
}

interface Limits {
  /** Bodies that are being read, parsed or committed. */
  readonly bytesMax: number;
  /** Those of one tenant: their heavy deliveries wait for each other, the others' do not wait for them. */
  readonly tenantBytesMax: number;
  readonly waitMsMax: number;
}

interface Waiting {
  readonly tenantId: TenantId;
  readonly bytes: number;
  readonly begin: () => void;
}

/** Shares the memory for bodies among the tenants. A body gets its place before it is read. */
export function createBodyBudget({ bytesMax, tenantBytesMax, waitMsMax }: Limits): BodyBudget {
  const used = new Map<TenantId, number>();
  const waiting = new Set<Waiting>();
  let usedBytes = 0;

  function add(tenantId: TenantId, bytes: number): void {
    usedBytes += bytes;
    const ofTenant = (used.get(tenantId) ?? 0) + bytes;
    if (ofTenant === 0) used.delete(tenantId);
    else used.set(tenantId, ofTenant);
  }

  function begin(): void {
    for (const next of waiting) {
      const ofTenant = used.get(next.tenantId) ?? 0;
      const fits = usedBytes + next.bytes <= bytesMax && ofTenant + next.bytes <= tenantBytesMax;
      if (fits) next.begin();
    }
  }

  return {
    take: (tenantId, bytes) =>
      new Promise((resolve) => {
        const one: Waiting = {
          tenantId,
          bytes,
          begin: () => {
            leave();
            add(tenantId, bytes);
            resolve(() => {
              add(tenantId, -bytes);
              begin();
            });
          },
        };
        const timer = setTimeout(() => {
          leave();
          resolve(null);
        }, waitMsMax);
        const leave = (): void => {
          clearTimeout(timer);
          waiting.delete(one);
        };
        waiting.add(one);
        begin();
      }),
  };
}
