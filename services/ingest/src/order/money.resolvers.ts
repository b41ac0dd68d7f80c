import { GraphQLError } from 'graphql';
import type { Resolvers } from '../graphql.generated.ts';
import { amountOf, formatMoney } from './money.domain.ts';

export const moneyResolvers: Resolvers = {
  Money: {
    amount: amountOf,
    formatted: (money, { locale }) => {
      const text = formatMoney(money, locale);
      if (text !== null) return text;
      throw new GraphQLError('locale must be a language by BCP 47, for instance en or pt-BR', {
        extensions: { code: 'BAD_USER_INPUT' },
      });
    },
  },
};
