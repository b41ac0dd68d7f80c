import { GraphQLError } from 'graphql';
import { noteProblem } from '../http/noted-problems.ts';
import { amountOf, formatMoney, type Money } from './money.ts';

/** The fields of `money.graphql`, for every service whose SDL imports it. */
export const moneyResolvers = {
  Money: {
    amount: amountOf,
    formatted: (money: Money, { locale }: { readonly locale: string }, context: object): string => {
      const text = formatMoney(money, locale);
      if (text !== null) return text;
      noteProblem(context, noLocale());
      return formatMoney(money, localeDefault) ?? amountOf(money);
    },
  },
};

/** As in `money.graphql`. */
const localeDefault = 'en';

function noLocale(): GraphQLError {
  const message = `locale must be a language by BCP 47, for instance en or pt-BR; amounts are shown as in ${localeDefault}`;
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
