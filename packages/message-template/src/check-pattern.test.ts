import { expect, test } from '@jest/globals';
import { checkPattern } from './check-pattern.ts';
import { patternCharactersMax } from './pattern.ts';
import type { Variable } from './variable.ts';

const variables: readonly Variable[] = [
  { name: 'buyer', type: 'text' },
  { name: 'count', type: 'number' },
  { name: 'day', type: 'date' },
  { name: 'total', type: 'money' },
  { name: 'page', type: 'link' },
];

const problemsOf = (pattern: string, locale: string) =>
  checkPattern(pattern, locale, variables).map(({ code, offset }) => [code, offset]);

test.each([
  ['en', 'Dear {buyer}, {total} is on its way: {page} ({day, date, long}, {count, number, ::compact-short}).'],
  ['en', '{count, plural, one {# parcel} other {# parcels}} <b>'],
  ['en', '{count, plural, =0 {none} =1 {one} other {# parcels}}'],
  ['es', '{count, plural, one {# paquete} other {# paquetes}}'],
  ['cs', '{count, plural, one {# balík} few {# balíky} other {# balíků}}'],
  ['zh-CN', '{count, plural, other {# 个包裹}}'],
  ['en', '{count, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}'],
  ['fr', "C’est l’{buyer}, et c’est d''{buyer}"],
  ['en', '{buyer, select, Ann {Hi} other {Hello}}'],
])('%s: %s has no problem', (locale, pattern) => {
  expect(checkPattern(pattern, locale, variables)).toEqual([]);
});

test.each([
  ['en', '   ', [['EMPTY', 0]]],
  ['en', 'x'.repeat(patternCharactersMax + 1), [['TOO_LONG', 0]]],
  ['pt_BR', 'Hi', [['UNKNOWN_LOCALE', 0]]],
  ['xx', 'Hi', [['UNKNOWN_LOCALE', 0]]],
  ['en', 'Hi {buyer', [['NOT_PARSABLE', 3]]],
  ['en', 'Hi {count, plural, one {x}}', [['NOT_PARSABLE', 26]]],
  ['fr', "Voici l'{buyer}", [['QUOTED_BRACE', 0]]],
  ['en', 'Hi {buyer} and {friend}', [['UNKNOWN_VARIABLE', 15]]],
  ['en', '{count, plural, one {{friend}} other {x}}', [['UNKNOWN_VARIABLE', 21]]],
  ['en', '{buyer, number}', [['WRONG_TYPE', 0]]],
  ['en', '{total, number}', [['WRONG_TYPE', 0]]],
  ['en', '{buyer, plural, one {x} other {y}}', [['WRONG_TYPE', 0]]],
  ['en', '{count, date}', [['WRONG_TYPE', 0]]],
  ['en', '{day, time}', [['WRONG_TYPE', 0]]],
  ['en', '{count, select, a {x} other {y}}', [['WRONG_TYPE', 0]]],
  ['en', '{count, number, roman}', [['UNKNOWN_STYLE', 0]]],
  ['en', '{day, date, constructor}', [['UNKNOWN_STYLE', 0]]],
  ['en', '{count, number, ::currency/TOOLONG}', [['UNKNOWN_STYLE', 0]]],
  ['en', `Hi {day, date, ::${'yMd'.repeat(30)}}`, [['UNKNOWN_STYLE', 3]]],
  ['en', 'See {count, plural, other {#}}', [['MISSING_PLURAL', 4]]],
  ['pl', '{count, plural, one {#} few {#} other {#}}', [['MISSING_PLURAL', 0]]],
  ['ar', '{count, plural, one {#} two {#} few {#} many {#} other {#}}', [['MISSING_PLURAL', 0]]],
  ['en', '{count, selectordinal, one {#st} other {#th}}', [['MISSING_PLURAL', 0]]],
  [
    'en',
    '{friend} {buyer, number}',
    [
      ['UNKNOWN_VARIABLE', 0],
      ['WRONG_TYPE', 9],
    ],
  ],
])('%s: the problems of %s are named with their places', (locale, pattern, expected) => {
  expect(problemsOf(pattern, locale)).toEqual(expected);
});

test('the message names the missing categories', () => {
  const [problem] = checkPattern('{count, plural, one {#} other {#}}', 'pl', variables);
  expect(problem?.message).toBe('In pl the plural of count needs many, few as well.');
});

test('no text makes the check throw', () => {
  const parts = [
    '{',
    '}',
    "'",
    '#',
    ',',
    ' plural',
    ' date',
    'count',
    '::',
    'yyyy',
    '<a>',
    '\u0000',
    '=0',
    'other',
    '😀',
  ];
  for (let n = 0; n < 5_000; n += 1) {
    const length = n % 12;
    const pattern = Array.from({ length }, (_, i) => parts[(n * 7 + i * (n % 13) + i * i) % parts.length]).join('');
    expect(Array.isArray(checkPattern(pattern, 'en', variables))).toBe(true);
  }
});

test('a deeply nested text is refused', () => {
  const deep = '{count,plural,other{'.repeat(130);
  const codesOf = (pattern: string) => checkPattern(pattern, 'zh-CN', variables).map(({ code }) => code);
  expect(codesOf(deep)).toEqual(['NOT_PARSABLE']);
  expect(codesOf(`${deep}x${'}}'.repeat(130)}`)).toEqual(['TOO_LONG']);
});
