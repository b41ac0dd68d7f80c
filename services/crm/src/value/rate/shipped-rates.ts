import { type Rate, type Rates, ratesOf } from './rate.domain.ts';

/**
 * Averages of the euro reference rates of the European Central Bank, by year: enough to compare customers without any
 * setting. A workspace that wants more sets rates of its own (`setFxRate`). Currencies that the bank does not quote (TWD,
 * VND, SAR) have none.
 */
const averages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '2023-01-01': {
    ...{ AUD: '1.6288', BRL: '5.4010', CAD: '1.4595', CHF: '0.9718', CNY: '7.6600', CZK: '24.004', DKK: '7.4509' },
    ...{ GBP: '0.86979', HKD: '8.4650', HUF: '381.85', IDR: '16479.62', INR: '89.3001', JPY: '151.99', KRW: '1412.88' },
    ...{ MXN: '19.1830', MYR: '4.9320', NOK: '11.4248', NZD: '1.7622', PHP: '60.163', PLN: '4.5420', RON: '4.9467' },
    ...{ SEK: '11.4788', SGD: '1.4523', THB: '37.631', TRY: '25.7597', USD: '1.0813', ZAR: '19.9551' },
  },
  '2024-01-01': {
    ...{ AUD: '1.6397', BRL: '5.8283', CAD: '1.4821', CHF: '0.9526', CNY: '7.7875', CZK: '25.120', DKK: '7.4589' },
    ...{ GBP: '0.84662', HKD: '8.4454', HUF: '395.30', IDR: '17157.68', INR: '90.5563', JPY: '163.85', KRW: '1475.40' },
    ...{ MXN: '19.8314', MYR: '4.9503', NOK: '11.6290', NZD: '1.7880', PHP: '62.013', PLN: '4.3058', RON: '4.9746' },
    ...{ SEK: '11.4325', SGD: '1.4458', THB: '38.181', TRY: '35.5734', USD: '1.0824', ZAR: '19.8297' },
  },
};

const shippedRates: readonly Rate[] = Object.entries(averages).flatMap(([day, rates]) =>
  Object.entries(rates).map(([currency, perEur]) => ({ currency, day, perEur })),
);

/** The rates of a workspace. A shipped one counts only until the first day for which the workspace has set its own. */
export function withShipped(own: readonly Rate[]): Rates {
  const begins = new Map<string, string>();
  for (const { currency, day } of own) {
    const known = begins.get(currency);
    if (known === undefined || day < known) begins.set(currency, day);
  }
  const shipped = shippedRates.filter(({ currency, day }) => day < (begins.get(currency) ?? '9999'));
  return ratesOf(own, shipped);
}
