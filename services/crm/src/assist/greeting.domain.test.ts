import { expect, test } from '@jest/globals';
import { checkPattern } from '@crossdesk/message-template';
import fc from 'fast-check';
import { greet, nameIn } from './greeting.domain.ts';
import { greetingTexts } from './greeting-texts.domain.ts';

/** Nine in the morning in Brazil's west, evening in Japan, before dawn in a part of the United States. */
const now = new Date('2026-03-10T13:00:00.000Z');
const greeted = (locale: string | null, displayName: string | null, orderRegion: string | null = null) =>
  greet({ displayName, locale, spoken: null, orderRegion, now });

test('every text is an ICU message of its language', () => {
  const variables = ['greeting', 'name'].map((name) => ({ name, type: 'text' as const }));
  const problems = greetingTexts.flatMap(({ locale, named, plain }) =>
    [named, plain].flatMap((text) => checkPattern(text, locale, variables)),
  );
  expect(problems).toEqual([]);
  expect(greetingTexts.length).toBeGreaterThanOrEqual(15);
});

test.each([
  ['pt-BR', 'ANA SOUZA', null, 'Bom dia, Ana!'],
  ['ja-JP', '山田 太郎', null, '山田 太郎様、こんばんは。'],
  ['zh-CN', '王小明', null, '王小明，晚上好！'],
  ['zh-HK', '陳大文', null, '陳大文，晚上好！'],
  ['de-DE', 'Anna Müller', null, 'Guten Tag, Anna Müller!'],
  ['fr', 'Müller, Anna', 'FR', 'Bonjour Anna Müller,'],
  ['vi-VN', 'Nguyễn Văn An', null, 'Chào buổi tối An,'],
  // It is not the same part of the day in all zones of the country, or the country is not known.
  ['en-US', 'John Smith', null, 'Hello, John!'],
  ['en', 'J. Smith', null, 'Hello, J. Smith!'],
  // What is no name is not used.
  ['es-ES', 'buyer_2837', null, 'Buenas tardes:'],
  ['ko-KR', null, null, '안녕하세요.'],
  // The language of the country of the order, if the platform tells none.
  [null, 'Ana', 'BR', 'Bom dia, Ana!'],
  // There is no text in Swahili.
  ['sw-KE', 'Asha', null, 'Good afternoon, Asha!'],
])('%s, %s, order to %s: %s', (locale, name, region, text) => {
  expect(greeted(locale, name, region).text).toBe(text);
});

test('it says where language and country are known from', () => {
  expect(greeted('pt-BR', 'Ana', 'JP')).toMatchObject({
    ...{ locale: 'pt', localeFrom: 'platform', region: 'JP', regionFrom: 'order', partOfDay: 'evening' },
  });
  expect(greet({ displayName: 'Eva', locale: null, spoken: 'de', orderRegion: 'CN', now })).toMatchObject({
    ...{ text: 'Guten Abend, Eva!', localeFrom: 'conversation', region: 'CN', regionFrom: 'order' },
  });
  expect(greeted(null, null, 'BR')).toMatchObject({ locale: 'pt', localeFrom: 'order-region', name: null });
  expect(greeted('sw-KE', null)).toMatchObject({
    locale: 'en',
    localeFrom: 'default',
    region: 'KE',
    regionFrom: 'locale',
  });
  expect(greeted(null, null)).toMatchObject({ localeFrom: 'default', region: null, regionFrom: null, partOfDay: null });
});

test('whatever a platform tells, there is a greeting, and no name with digits, addresses or braces in it', () => {
  fc.assert(
    fc.property(
      fc.option(fc.string({ unit: 'grapheme' })),
      fc.option(fc.oneof(fc.string(), fc.constantFrom('pt-BR', 'th', 'und', 'x'))),
      fc.option(fc.string({ maxLength: 3 })),
      fc.date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2100-01-01') }),
      (displayName, locale, orderRegion, at) => {
        const { text, name } = greet({ displayName, locale, spoken: null, orderRegion, now: at });
        expect(text).not.toBe('');
        expect(name ?? '').not.toMatch(/[\d@_{}*<>]/);
      },
    ),
  );
  expect(nameIn('a'.repeat(61), 'whole', 'en')).toBeNull();
});
