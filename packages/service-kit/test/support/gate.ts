import { waitFor } from '@crossdesk/testkit/waiting';

/** Holds all callers that wait at it until it is opened, and reports when the first has arrived. */
export interface Gate {
  pass(): Promise<void>;
  readonly reached: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  return {
    pass: async () => {
      reached.resolve();
      await opened.promise;
    },
    get reached() {
      return waitFor('a caller to reach the gate', reached.promise);
    },
    open: opened.resolve,
  };
}
