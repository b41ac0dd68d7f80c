import { expect, test } from '@jest/globals';
import { amountOf, formatMoney } from './money.ts';

const plain = (text: string | null) => text?.replaceAll(/[\u00a0\u202f]/g, ' ');

test.each([
  ['1230', 'USD', '12.30', '$12.30', '12,30 $'],
  ['-5', 'USD', '-0.05', '-$0.05', '-0,05 $'],
  ['0', 'USD', '0.00', '$0.00', '0,00 $'],
  ['1500', 'JPY', '1500', '¥1,500', '1.500 ¥'],
  ['1234', 'KWD', '1.234', 'KWD 1.234', '1,234 KWD'],
  ['15000050', 'IDR', '150000.50', 'IDR 150,000.50', '150.000,50 IDR'],
  ['15000000', 'IDR', '150000.00', 'IDR 150,000', '150.000 IDR'],
  ['999999999999999999', 'EUR', '9999999999999999.99', '€9,999,999,999,999,999.99', '9.999.999.999.999.999,99 €'],
])('%s minor units of %s are exactly %s', (amountMinor, currency, amount, english, german) => {
  const money = { amountMinor, currency };
  expect(amountOf(money)).toBe(amount);
  expect([plain(formatMoney(money, 'en')), plain(formatMoney(money, 'de'))].map((text) => text?.trim())).toEqual([
    english,
    german,
  ]);
});

test('a locale that is none has no text', () => {
  for (const locale of ['', 'e', 'not a locale', 'x'.repeat(36)])
    expect(formatMoney({ amountMinor: '1', currency: 'USD' }, locale)).toBeNull();
});
