import { expect, test } from '@jest/globals';
import { phoneDigits } from './phone-number.domain.ts';

test.each([
  [
    'BR',
    '5588996661234',
    ['+55 88 99666-1234', '558896661234', '+55 88 9666-1234', '(88) 99666-1234', '0055 88 99666 1234'],
  ],
  ['MX', '525512345678', ['+52 55 1234 5678', '5215512345678', '+52 1 55 1234 5678', '55 1234 5678', '525512345678']],
  ['AR', '5491112345678', ['+54 11 1234-5678', '5491112345678', '+54 9 11 1234-5678', '+54 11 15 1234-5678']],
  [
    'GB',
    '442079460958',
    ['+44 (0)20 7946 0958', '0044 20 7946 0958', '020 7946 0958', '+٤٤٢٠٧٩٤٦٠٩٥٨', '＋44 20 7946 0958'],
  ],
  ['ID', '6281234567890', ['0812-3456-7890', '6281234567890', '+62 0812-3456-7890', '+62-812-3456-7890 ']],
  ['IT', '390612345678', ['+39 06 1234 5678', '06 1234 5678', '39 06 1234 5678']],
  ['US', '442079460958', ['+44 20 7946 0958', '0044 20 7946 0958']],
])('a number in %s is %s however it is written', (country, digits, spellings) => {
  expect(spellings.map((told) => [told, phoneDigits(told, country)])).toEqual(spellings.map((told) => [told, digits]));
});

test.each([
  '0000000000',
  '1111111111',
  '+55 11 99999-9999',
  '1234567',
  '+1 555',
  '+44 ****** 0958',
  'call me',
  '',
  `+${'4'.repeat(50)}`,
  '+1380013800',
])('%j identifies nobody', (told) => {
  for (const country of ['BR', 'US', 'GB', null, 'ZZ']) expect(phoneDigits(told, country)).toBeNull();
});

test('a national number is another one in each country, and none without a country', () => {
  const told = '20 7946 0958';
  expect(phoneDigits(told, 'GB')).toBe('442079460958');
  expect(phoneDigits(told, 'US')).not.toBe('442079460958');
  expect(phoneDigits(told, null)).toBeNull();
  expect(phoneDigits('13800138000', 'CN')).toBe('8613800138000');
  expect(phoneDigits('13800138000', 'US')).toBeNull();
});
