export interface BodyBudget {
  /** Waits until the bytes of a body are free. Call the result when it is answered; null: the wait was too long. */
  take(owner: string, bytes: number): Promise<(() => void) | null>;
}

interface Limits {
  /** Bodies that are being read, parsed or committed. */
  readonly bytesMax: number;
  /** Those of one owner: their heavy bodies wait for each other, the others' do not wait for them. */
  readonly ownerBytesMax: number;
  readonly waitMsMax: number;
}

interface Waiting {
  readonly owner: string;
  readonly bytes: number;
  readonly begin: () => void;
}

/** Shares the memory for bodies among their owners: tenants or addresses. A body gets its place before it is read. */
export function createBodyBudget({ bytesMax, ownerBytesMax, waitMsMax }: Limits): BodyBudget {
  const used = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let usedBytes = 0;

  function add(owner: string, bytes: number): void {
    usedBytes += bytes;
    const ofOwner = (used.get(owner) ?? 0) + bytes;
    if (ofOwner === 0) used.delete(owner);
    else used.set(owner, ofOwner);
  }

  function begin(): void {
    for (const next of waiting) {
      const ofOwner = used.get(next.owner) ?? 0;
      const fits = usedBytes + next.bytes <= bytesMax && ofOwner + next.bytes <= ownerBytesMax;
      if (fits) next.begin();
    }
  }

  return {
    take: (owner, bytes) =>
      new Promise((resolve) => {
        const one: Waiting = {
          owner,
          bytes,
          begin: () => {
            leave();
            add(owner, bytes);
            resolve(() => {
              add(owner, -bytes);
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
