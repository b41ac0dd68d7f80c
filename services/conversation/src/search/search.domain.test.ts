import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { excerptOf } from './highlight.domain.ts';
import { readQuery, tsqueryOf } from './search-query.domain.ts';
import { readable, termsOf, vectorOf } from './terms.domain.ts';

/** The found words of a text, in brackets; the text alone if nothing was found. */
function marked(text: string, query: string): string {
  const { text: excerpt, highlights } = excerptOf(text, readQuery(query));
  return highlights.reduceRight(
    (shown, { start, end }) => `${shown.slice(0, start)}[${shown.slice(start, end)}]${shown.slice(end)}`,
    excerpt,
  );
}

test.each([
  ['STRASSE', 'In der Straße', 'In der [Straße]'],
  ['cafe', 'Un CAFÉ, por favor', 'Un [CAFÉ], por favor'],
  ['где посылка', 'Где моя Посылка?', '[Где] моя [Посылка]?'],
  ['包裹', '我的包裹在哪里', '我的[包裹]在哪里'],
  ['裹', '我的包裹', '我的包[裹]'],
  ['訂單', '我的订单号', '我的[订单]号'],
  ['พัสดุ', 'พัสดุของฉันอยู่ที่ไหน', '[พัสดุ]ของฉันอยู่ที่ไหน'],
  ['배송', '언제 배송되나요', '언제 [배송]되나요'],
  ['طلب', 'أين الطلب؟', 'أين [الطلب]؟'],
  ['الطلب', 'وصل طلب', 'وصل [طلب]'],
  ['ありがと', 'ﾊﾟﾝ、ありがとう', 'パン、[ありがと]う'],
  ['ship', 'It ships today', 'It [ships] today'],
  ['sh', 'It ships today', 'It ships today'],
  ['"ships today"', 'today it ships today', 'today it [ships] [today]'],
  ['"today ships"', 'it ships today', 'it ships today'],
  ['wi-fi', 'the wifi and Wi-Fi', 'the [wifi] and [Wi-Fi]'],
  ['24101234567', 'order 2410-123-4567', 'order [2410-123-4567]'],
  ['2410-123-4567', 'order 24101234567', 'order [24101234567]'],
  ['#1042', 'about #1042 and 1042', 'about #[1042] and 1042'],
  ['1042', 'about #1042', 'about #[1042]'],
  ['𠮷野', '𠮷野家です', '[𠮷野]家です'],
])('%s in: %s', (query, text, expected) => {
  expect(marked(text, query)).toBe(expected);
});

test('the excerpt is around the first found word, and its places are inside of it', () => {
  const { text, highlights } = excerptOf(`${'a '.repeat(500)}parcel${' b'.repeat(500)}`, readQuery('parcel'));
  expect(text).toHaveLength(240);
  expect(highlights.map(({ start, end }) => text.slice(start, end))).toEqual(['parcel']);
});

test('a vector has the words with the number of the workspace before them, and nothing that Postgres would read otherwise', () => {
  expect(vectorOf(7, 'No. 42: no')).toBe("'7:no':1,3 '7:42':2");
  expect(vectorOf(7, '?! …')).toBeNull();
  expect(tsqueryOf(7, readQuery('red "my shoes" 包裹'))).toBe("(('7:red')) & (('7:my' <1> '7:shoes')) & (('7:包裹'))");
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(vectorOf(7, text) ?? '').toMatch(/^('7:#?[\p{L}\p{M}\p{N}]+':\d+(,\d+)* ?)*$/u);
      expect(tsqueryOf(7, readQuery(text))).toMatch(/^([()&| ]|<\d+>|'7:#?[\p{L}\p{M}\p{N}]+'(:\*)?)*$/u);
    }),
  );
});

test('any two signs or whole word of a text are found in it', () => {
  const unit = fc.constantFrom(...Array.from('ab éß 1-#ก็พั包裹订배송ابテｶﾞ"\''));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), fc.nat(), (text, index) => {
      const terms = termsOf(readable(text)).filter(({ form }) => form === 'word' || form === 'pair');
      const one = terms[index % Math.max(1, terms.length)];
      if (one !== undefined) expect(excerptOf(text, readQuery(`"${one.word}"`)).highlights).not.toEqual([]);
    }),
  );
});
