import type { Fact, ParsedDelivery } from '../port/index.ts';

/** A parsed delivery without the places of its elements, for tests that do not care about them. */
export function withoutPlaces({ deliveryKey, facts }: ParsedDelivery): ParsedDelivery {
  return {
    deliveryKey,
    facts: facts.map((placed): Fact => {
      const { at, ...fact } = placed;
      return at === undefined ? placed : fact;
    }),
  };
}

/** The elements of a delivery that cannot be read: their places and reasons. */
export function unreadableIn({ facts }: ParsedDelivery): (readonly [string, string])[] {
  return facts.flatMap((fact) => (fact.type === 'unreadable' ? [[fact.at ?? '', fact.reason] as const] : []));
}
