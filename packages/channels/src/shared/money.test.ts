import { expect, test } from '@jest/globals';
import { minorDigitsOf } from '@crossdesk/contracts';
import { UnparsableDelivery } from '../port/errors.ts';
import { moneyFromMajor } from './money.ts';

test.each([
  ['12.5', 'SGD', '1250'],
  ['12', 'SGD', '1200'],
  ['0.07', 'USD', '7'],
  ['-3.10', 'EUR', '-310'],
  ['-0.00', 'EUR', '0'],
  ['1500', 'JPY', '1500'],
  ['1500.0', 'JPY', '1500'],
  ['250000.0', 'VND', '250000'],
  ['9900', 'KRW', '9900'],
  ['1.234', 'KWD', '1234'],
  ['99999.99', 'TWD', '9999999'],
])('%s %s is %s in the minor unit', (amount, currency, amountMinor) => {
  expect(moneyFromMajor(amount, currency)).toEqual({ amountMinor, currency });
});

test('an amount beyond the precision of a double keeps every digit', () => {
  expect(moneyFromMajor('9007199254740993.11', 'USD').amountMinor).toBe('900719925474099311');
});

test('a printed double means the decimal with 15 digits', () => {
  expect(moneyFromMajor('19.990000000000002', 'SGD').amountMinor).toBe('1999');
  expect(moneyFromMajor('150000.49999999997', 'SGD').amountMinor).toBe('15000050');
  expect(() => moneyFromMajor('19.990000000000012345', 'SGD')).toThrow(UnparsableDelivery);
});

test('an amount with more decimals than its currency is never rounded', () => {
  const reason = 'the amount has more decimals than its currency';
  expect(() => moneyFromMajor('0.285', 'SGD')).toThrow(reason);
  expect(() => moneyFromMajor('-0.285', 'SGD')).toThrow(reason);
  expect(() => moneyFromMajor('99.5', 'JPY')).toThrow(reason);
  expect(moneyFromMajor('0.2800', 'SGD').amountMinor).toBe('28');
});

test('decimals follow ISO 4217, not the digits that people are used to see', () => {
  const shown = (currency: string) =>
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
  const differing = Intl.supportedValuesOf('currency').filter((currency) => {
    const digits = minorDigitsOf(currency);
    return digits !== null && digits !== shown(currency);
  });
  expect(differing.join(' ')).toBe('AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK PKR SOS SYP XDR XSU YER');
  for (const currency of differing) {
    const digits = minorDigitsOf(currency) ?? 0;
    const smallest = digits === 0 ? '1' : `0.${'1'.padStart(digits, '0')}`;
    expect(moneyFromMajor(smallest, currency)).toEqual({ amountMinor: '1', currency });
  }
  expect(moneyFromMajor('150000.50', 'IDR').amountMinor).toBe('15000050');
  expect(moneyFromMajor('1999.99', 'HUF').amountMinor).toBe('199999');
});

test('the currency is read in upper and lower case', () => {
  expect(moneyFromMajor('1', ' sgd ')).toEqual({ amountMinor: '100', currency: 'SGD' });
});

test.each([
  ['', 'SGD'],
  ['-', 'SGD'],
  ['1,000.00', 'SGD'],
  ['1e3', 'SGD'],
  ['.5', 'SGD'],
  ['NaN', 'SGD'],
  ['1', ''],
  ['1', 'S$'],
  ['1', 'QQQ'],
  ['123456789012345678', 'SGD'],
])('"%s" "%s" is no amount', (amount, currency) => {
  expect(() => moneyFromMajor(amount, currency)).toThrow(UnparsableDelivery);
});
