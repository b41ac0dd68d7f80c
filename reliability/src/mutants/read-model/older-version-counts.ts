import * as original from '../../../../services/analytics/src/inbox/inbox.store.ts';

export * from '../../../../services/analytics/src/inbox/inbox.store.ts';

/** Forgets which version of a conversation was counted, so that an older one counts again. */
export const lockFacts: typeof original.lockFacts = async (trx, facts) =>
  (await original.lockFacts(trx, facts)).map((fact) => ({ ...fact, version: 0 }));
