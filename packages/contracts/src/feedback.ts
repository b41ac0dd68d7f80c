import { type Static, Type } from '@sinclair/typebox';
import { Instant, Nullable, OneOf } from './scalars.ts';

/** A review or a rating, as adapters and events have it. */
export const feedbackFields = {
  externalFeedbackId: Type.String({ description: 'unique within the account' }),
  kind: OneOf(
    ['product-review', 'service-rating', 'suggestion'],
    'product-review: of goods; service-rating: of the store',
  ),
  score: Nullable(Type.Number({ minimum: 1, maximum: 5, description: '1 (worst) to 5; null: none was given' })),
  text: Nullable(Type.String()),
  language: Nullable(Type.String({ description: 'BCP 47, if the platform tells it' })),
  buyerExternalId: Nullable(Type.String({ description: 'as in orders' })),
  externalOrderId: Nullable(Type.String()),
  skus: Type.Array(Type.String(), { maxItems: 20, description: 'the goods it is about' }),
  givenAt: Instant,
};

export const PlatformFeedbackSchema = Type.Object(feedbackFields);
export type PlatformFeedback = Static<typeof PlatformFeedbackSchema>;
