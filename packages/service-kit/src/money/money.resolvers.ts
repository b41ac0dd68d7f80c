import { GraphQLError } from 'graphql';
import { amountOf, formatMoney, type Money } from './money.ts';

/** The fields of `money.graphql`, for every service whose SDL imports it. */
export const moneyResolvers = {
  Money: {
    amount: amountOf,
    formatted: (money: Money, { locale }: { readonly locale: string }): string => {
      const text = formatMoney(money, locale);
      if (text !== null) return text;
      throw new GraphQLError('locale must be a language by BCP 47, for instance en or pt-BR', {
        extensions: { code: 'BAD_USER_INPUT' },
      });
    },
  },
};
