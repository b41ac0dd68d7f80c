import { type Static, Type } from '@sinclair/typebox';
import { Nullable } from './scalars.ts';

export const BuyerSchema = Type.Object(
  {
    externalId: Type.String({ description: 'the platform id of the buyer, unique within the channel account' }),
    commerceId: Nullable(Type.String({ description: 'the id of the same buyer in orders of the account' })),
    name: Nullable(Type.String()),
    phone: Nullable(
      Type.String({ description: 'E.164 digits without a plus sign; null for a number whose country is not known' }),
    ),
    email: Nullable(Type.String()),
    avatarUrl: Nullable(Type.String()),
    locale: Nullable(Type.String({ description: 'BCP 47' })),
  },
  { description: 'The buyer as the platform names them' },
);

export type Buyer = Static<typeof BuyerSchema>;

/** The buyer without identifying data. The platform's own ids stay, to recognise a repeated delivery. */
export function erasedBuyer({ externalId, commerceId }: Buyer): Buyer {
  return { externalId, commerceId, name: null, phone: null, email: null, avatarUrl: null, locale: null };
}
