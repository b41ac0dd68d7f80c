import * as original from '../../../../services/analytics/src/inbox/inbox.domain.ts';

export * from '../../../../services/analytics/src/inbox/inbox.domain.ts';

/** Uses the first fact of each conversation in a batch instead of the latest. */
export const latestFacts: typeof original.latestFacts = (facts) => {
  const first = new Map(facts.toReversed().map((fact) => [original.factKey(fact), fact]));
  return [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, fact]) => fact);
};
