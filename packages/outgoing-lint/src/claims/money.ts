import type { Place } from '../finding.ts';
import { numbersIn } from '../text/numbers.ts';
import { findSpans } from '../text/spans.ts';

interface FoundMoney extends Place {
  /** What the digits may mean. */
  readonly amounts: readonly number[];
  /** ISO 4217: what the sign may stand for. */
  readonly currencies: ReadonlySet<string>;
}

/** Signs that several countries use, the longest first. */
const signs: readonly (readonly [string, string])[] = [
  ['us$', 'USD'], ['hk$', 'HKD'], ['nt$', 'TWD'], ['au$', 'AUD'], ['ca$', 'CAD'], ['mx$', 'MXN'], ['nz$', 'NZD'],
  ['s$', 'SGD'], ['r$', 'BRL'], ['a$', 'AUD'], ['c$', 'CAD'], ['rmb', 'CNY'],
  ['$', 'USD AUD CAD SGD HKD TWD NZD MXN CLP COP ARS'], ['€', 'EUR'], ['£', 'GBP'], ['¥', 'CNY JPY'], ['￥', 'CNY JPY'],
  ['元', 'CNY TWD HKD'], ['円', 'JPY'], ['원', 'KRW'], ['₩', 'KRW'], ['₽', 'RUB'], ['руб', 'RUB'], ['₴', 'UAH'],
  ['₺', 'TRY'], ['₫', 'VND'], ['đ', 'VND'], ['฿', 'THB'], ['บาท', 'THB'], ['₹', 'INR'], ['₱', 'PHP'], ['₪', 'ILS'],
  ['zł', 'PLN'], ['kč', 'CZK'], ['ft', 'HUF'], ['kr', 'SEK NOK DKK'], ['rp', 'IDR'], ['rm', 'MYR'], ['rs', 'INR'],
]; // prettier-ignore

/** The amounts in a text whose money can be told. */
export function moneyIn(text: string): FoundMoney[] {
  return findSpans(text)
    .filter(({ kind }) => kind === 'money')
    .flatMap(({ text: written, start, end }) => {
      const currencies = currenciesOf(written);
      const [number] = numbersIn(written);
      return currencies.size === 0 || number === undefined
        ? []
        : [{ start, end, amounts: number.readings, currencies }];
    });
}

function currenciesOf(written: string): ReadonlySet<string> {
  const lower = written.toLowerCase();
  const code = /[A-Z]{3}/.exec(written)?.[0];
  const sign = signs.find(([one]) => lower.includes(one));
  return new Set(sign?.[1].split(' ') ?? (code === undefined ? [] : [code]));
}
