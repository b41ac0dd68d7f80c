import { expect, test } from '@jest/globals';
import { phoneDigits } from './phone-number.domain.ts';

test.each([
  [
    'BR',
    '5588996661234',
    ['+55 88 99666-1234', '558896661234', '+55 88 9666-1234', '(88) 99666-1234', '0055 88 99666 1234'],
  ],
  ['BR', '5511991234807', ['551191234807', '+55 11 99123-4807', '+5511991234807']],
  // Landlines and trunks are not made into mobile numbers of strangers.
  ['BR', '551133364407', ['551133364407', '+55 11 3336-4407']],
  ['BR', '551173364407', ['551173364407', '+55 11 7336-4407']],
  ['MX', '525541637145', ['+52 55 4163 7145', '5215541637145', '+52 1 55 4163 7145', '55 4163 7145', '525541637145']],
  ['AR', '5491145670932', ['+54 11 4567-0932', '5491145670932', '+54 9 11 4567-0932', '011 15 4567-0932']],
  ['TH', '66812645370', ['081 264 5370', '+66 81 264 5370']],
  [
    'GB',
    '442079460958',
    ['+44 (0)20 7946 0958', '0044 20 7946 0958', '020 7946 0958', '+٤٤٢٠٧٩٤٦٠٩٥٨', '＋44 20 7946 0958'],
  ],
  ['ID', '62812645370', ['081 264 5370', '+62 0812-645-370', '+62-812-645-370 ']],
  ['ID', '6281264537021', ['0812-6453-7021', '6281264537021']],
  ['IT', '390669821457', ['+39 06 6982 1457', '06 6982 1457', '39 06 6982 1457']],
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
  '+86 13800138000',
  '+86 138****8000',
  '+55 11 98765-4321',
  '+49 151 12345678',
  '+1 800 555 0199',
  '+1 212 555 0123',
])('%j identifies nobody', (told) => {
  for (const country of ['BR', 'US', 'GB', null, 'ZZ']) expect(phoneDigits(told, country)).toBeNull();
});

test('a national number is another one in each country, and none without a country', () => {
  const told = '20 7946 0958';
  expect(phoneDigits(told, 'GB')).toBe('442079460958');
  expect(phoneDigits(told, 'US')).not.toBe('442079460958');
  expect(phoneDigits(told, null)).toBeNull();
  expect(phoneDigits('13901138006', 'CN')).toBe('8613901138006');
  expect(phoneDigits('13901138006', 'US')).toBeNull();
  expect(phoneDigits('081 264 5370', null)).toBeNull();
});
