import { seesAll, signedIn } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../graphql-context.ts';
import type { CustomerMarks } from './customer-mark.domain.ts';

/** Shows for what of the customer a routing rule holds. Tiers come from orders of all stores. */
export function becauseOf<Parent>(marksOf: (parent: Parent) => CustomerMarks | null) {
  return {
    customerTags: (parent: Parent) => [...(marksOf(parent)?.tags ?? [])],
    customerTier: (parent: Parent, _: unknown, { request }: GraphqlContext) =>
      seesAll(signedIn(request)) ? (marksOf(parent)?.tier ?? null) : null,
  };
}
