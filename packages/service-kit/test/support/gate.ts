import { waitFor } from '@crossdesk/testkit/waiting';

/** Holds whoever waits at it until it is opened, and tells when the first has come. */
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
      return waitFor('somebody to come to the gate', reached.promise);
    },
    open: opened.resolve,
  };
}
