import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { find } from 'linkifyjs';
import { cleanText } from './clean-text.ts';
import { readValues, renderPattern } from './render-pattern.ts';
import type { VariableType } from './variable.ts';

/** What a single value shows in a message. */
function shown(type: VariableType, value: string, locale: string): unknown {
  const variables = [{ name: 'it', type }];
  const values = readValues(variables, new Map([['it', value]]));
  const rendered = renderPattern('{it}', locale, variables, values);
  return rendered.ok ? rendered.text.replaceAll(/[\u00a0\u202f]/g, ' ') : null;
}

test.each<[VariableType, string, string, string]>([
  ['text', 'Zoë\u202e {x} 小明', 'en', 'Zoë {x} 小明'],
  ['text', '  a\n\tb\u0000c ', 'en', 'a b c'],
  ['text', 'see https://evil.example/x?y now', 'en', 'see now'],
  ['text', 'see ht\u200btps://evil.example now', 'en', 'see now'],
  ['text', 'Mei www.evil.com', 'en', 'Mei'],
  ['text', 'Mei evil.com/pay', 'en', 'Mei'],
  ['text', 'J.Smith', 'en', 'J.Smith'],
  ['text', 'مرحبا بك', 'ar', 'مرحبا بك'],
  ['text', '👨‍👩‍👧', 'en', '👨‍👩‍👧'],
  ['number', '1234.5', 'de', '1.234,5'],
  ['number', '-7', 'en', '-7'],
  ['date', '2026-03-02', 'en', 'Mar 2, 2026'],
  ['date', '2026-03-02', 'zh-CN', '2026年3月2日'],
  ['money', '12.50 EUR', 'de', '12,50 €'],
  ['money', '12 EUR', 'de', '12,00 €'],
  ['money', '1200 JPY', 'en', '¥1,200'],
  ['money', '15000.25 IDR', 'id', 'Rp 15.000,25'],
  ['money', '999999999999999.99 USD', 'en', '$999,999,999,999,999.99'],
  ['link', 'https://track.example/a?b=c', 'en', 'https://track.example/a?b=c'],
])('a %s %s is shown in %s as %s', (type, value, locale, expected) => {
  expect(shown(type, value, locale)).toBe(expected);
});

test.each<[VariableType, string]>([
  ['text', ''],
  ['text', ' \u202e\n'],
  ['text', 'https://evil.example'],
  ['text', 'x'.repeat(1_001)],
  ['number', '1e9'],
  ['number', ''],
  ['number', 'NaN'],
  ['date', '2026-02-30'],
  ['date', '2.3.2026'],
  ['money', '12.505 EUR'],
  ['money', '12.5 JPY'],
  ['money', '12 XYQ'],
  ['money', 'EUR 12'],
  ['link', 'javascript:alert(1)'],
  ['link', 'track.example'],
])('a %s cannot be %j', (type, value) => {
  expect(shown(type, value, 'en')).toBeNull();
});

test('clean text has no web address, control or mark of direction, and stays as it is when cleaned again', () => {
  const piece = fc.constantFrom(
    'https://',
    'evil.com',
    'www.',
    '.',
    '/',
    ' ',
    'a',
    '\u202e',
    '\u200b',
    '\n',
    'é',
    '@',
    ':',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, (dirty) => {
      const clean = cleanText(dirty);
      expect(find(clean, 'url')).toEqual([]);
      expect(clean).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\w:\/\//u);
      expect(cleanText(clean)).toBe(clean);
    }),
  );
});
