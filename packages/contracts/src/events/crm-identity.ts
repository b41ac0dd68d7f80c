import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { CustomerIdSchema, MergeDecisionIdSchema, Nullable, OneOf } from '../scalars.ts';

const ProfileIdsSchema = Type.Array(CustomerIdSchema, {
  description: 'buyer ids at accounts, by their ids here; the id of a customer is the smallest of its profiles',
});

export const customerMerged = defineEvent({
  type: 'crm.customer-merged',
  version: 1,
  topic: 'crm.customer',
  description:
    'A customer turned out to be another, or somebody decided so. Its profiles and their conversations belong to that one now.',
  data: Type.Object({
    customerId: CustomerIdSchema,
    into: CustomerIdSchema,
    profileIds: ProfileIdsSchema,
    edges: Type.Array(
      Type.Object({
        evidence: OneOf(
          ['platform', 'hand', 'phone', 'email'],
          'the platform says so; a person decided; both have the phone number; both have the e-mail address',
        ),
        profileIds: Type.Array(CustomerIdSchema, { description: 'the two that it ties' }),
        decisionId: Nullable(MergeDecisionIdSchema),
      }),
      { description: 'why' },
    ),
  }),
  personal: null,
});

export const customerSplit = defineEvent({
  type: 'crm.customer-split',
  version: 1,
  topic: 'crm.customer',
  description: 'A customer is one of their own again: what made them one with another does not hold any more.',
  data: Type.Object({ customerId: CustomerIdSchema, from: CustomerIdSchema, profileIds: ProfileIdsSchema }),
  personal: null,
});
