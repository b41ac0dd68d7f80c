import { expect, test } from '@jest/globals';
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
  expect(moneyFromMajor('9007199254740993.11', 'USD')?.amountMinor).toBe('900719925474099311');
});

test('digits beyond the minor unit are rounded half away from zero', () => {
  expect(moneyFromMajor('19.990000000000002', 'SGD')?.amountMinor).toBe('1999');
  expect(moneyFromMajor('0.285', 'SGD')?.amountMinor).toBe('29');
  expect(moneyFromMajor('-0.285', 'SGD')?.amountMinor).toBe('-29');
  expect(moneyFromMajor('99.5', 'JPY')?.amountMinor).toBe('100');
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
  expect(moneyFromMajor(amount, currency)).toBeNull();
});
