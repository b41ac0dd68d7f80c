import type { SignedIn } from '@crossdesk/service-kit';

/** Counts the different live queries of each caller. */
export interface LiveQueries {
  /** Counts a subscription; returns the function that ends it, or null beyond the limit. */
  open(caller: SignedIn, query: string): (() => void) | null;
}

/** The same query on several sockets is answered once for an event, so it counts once. */
export function createLiveQueries(perCallerMax: number): LiveQueries {
  const callers = new Map<string, Map<string, number>>();
  return {
    open({ kind, tenantId, agentId }, query) {
      const key = `${kind} ${tenantId} ${agentId}`;
      const queries = callers.get(key) ?? new Map<string, number>();
      const count = queries.get(query) ?? 0;
      if (count === 0 && queries.size >= perCallerMax) return null;
      callers.set(key, queries.set(query, count + 1));
      return () => {
        const left = (queries.get(query) ?? 1) - 1;
        if (left > 0) queries.set(query, left);
        else queries.delete(query);
        if (queries.size === 0) callers.delete(key);
      };
    },
  };
}
