import { expect, test } from '@jest/globals';
import { qualityOf } from '../quality.domain.ts';
import { cutAt, findSpans } from '@crossdesk/outgoing-lint/text';
import { editDistance, fill, gramsOf, importedPattern, patternOf, similarity, sourcePattern } from './memory.domain.ts';
import { readTmx, TmxError, writeTmx } from './tmx.domain.ts';

const cut = (text: string) => cutAt(text, findSpans(text));

test('a sentence is remembered with placeholders, and used with the values of another one', () => {
  const pattern = patternOf(cut('Order AB123456 costs $5.00, see AB123456.'), 'Siehe AB123456: AB123456 kostet $5.00.');
  expect(pattern).toEqual({
    source: 'Order {id1} costs {money1}, see {id2}.',
    target: 'Siehe {id1}: {id2} kostet {money1}.',
  });
  const next = cut('Order ZZ-987654 costs 7,50 €, see ZZ-987654.');
  expect(sourcePattern(next)).toBe(pattern?.source);
  expect(fill(pattern?.target ?? '', next)).toBe('Siehe ZZ-987654: ZZ-987654 kostet 7,50 €.');
});

test.each([
  ['It costs $5.00.', 'Es kostet 5 Dollar.'],
  ['Hello there', 'Hallo, siehe https://shop.example'],
  ['See AB123456', 'Siehe AB123456 und AB999999'],
])('%s with the translation %s is not remembered: their values differ', (source, target) => {
  expect(patternOf(cut(source), target)).toBeNull();
});

test('parts of sentences that are nearly the same are nearly the same, in every script', () => {
  const pairs = [
    ['Where is my order {id1}, please?', 'Where is my order {id1} please'],
    ['请问我的订单什么时候发货', '请问我的订单什么时候能发货'],
    ['พัสดุของฉันอยู่ที่ไหน', 'พัสดุของฉันอยู่ที่ไหนครับ'],
  ] as const;
  for (const [one, other] of pairs) {
    const shared = gramsOf(one).filter((gram) => gramsOf(other).includes(gram));
    expect(shared.length).toBeGreaterThanOrEqual(4);
    expect(similarity(one, other)).toBeGreaterThan(0.75);
  }
  expect(similarity('It costs {money1}', 'It costs {money1} {id1}')).toBeLessThan(
    similarity('It costs {money1}', 'It costs {money1} now!!'),
  );
  expect(similarity('Where is it?', 'I want my money back')).toBeLessThan(0.5);
});

test('TMX is written and read again, with placeholders, codes of other programs and marks of XML', () => {
  const pairs = [
    {
      source: 'Order {id1} <is> & late',
      target: 'Bestellung {id1} <ist> & spät',
      isApproved: true,
      changedAt: new Date(0),
    },
    { source: 'Bye\u0007', target: 'Tschüss', isApproved: false, changedAt: new Date(0) },
  ];
  const xml = writeTmx('en', 'de', pairs);
  expect(xml).toContain('changedate="19700101T000000Z"');
  expect(readTmx(xml).map(({ texts }) => [texts.get('en'), texts.get('de')])).toEqual([
    ['Order {id1} <is> & late', 'Bestellung {id1} <ist> & spät'],
    ['Bye ', 'Tschüss'],
  ]);
  expect(importedPattern('Order {id1} is late', 'Bestellung {id1} ist spät')).toEqual({
    source: 'Order {id1} is late',
    target: 'Bestellung {id1} ist spät',
  });
  expect(importedPattern('Order {id1} for $5.00', 'Bestellung {id1} für $5.00')).toBeNull();
  expect(importedPattern('Order {id1}', 'Bestellung {id2}')).toBeNull();
  const foreign = `<?xml version="1.0"?><tmx version="1.4"><header/><body><tu><tuv xml:lang="EN-US"><seg>Press <bpt i="1">&lt;b&gt;</bpt>OK<ept i="1">&lt;/b&gt;</ept> <hi>now</hi></seg></tuv>
    <tuv lang="de"><seg><![CDATA[OK]]></seg></tuv></tu></body></tmx>`;
  expect([...(readTmx(foreign)[0]?.texts ?? [])]).toEqual([
    ['EN-US', 'Press OK now'],
    ['de', 'OK'],
  ]);
  const bomb = `<!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tmx><body><tu><tuv xml:lang="en"><seg>&b;</seg></tuv></tu></body></tmx>`;
  for (const broken of ['<tmx><tu>', 'no xml', '<html/>', bomb]) expect(() => readTmx(broken)).toThrow(TmxError);
});

test('S4-2.1 the quality of a pair comes with its number and an interval, and is the same each time', () => {
  expect(qualityOf([])).toEqual({ n: 0, score: null, low: null, high: null });
  expect(qualityOf([0])).toEqual({ n: 1, score: 17 / 21, low: 17 / 21, high: 17 / 21 });
  const mixed = Array.from({ length: 200 }, (_, index) => (index % 4 === 0 ? 0.4 : 0));
  const quality = qualityOf(mixed);
  expect(quality).toEqual(qualityOf(mixed));
  expect(quality.score).toBeCloseTo((16 + 180) / 220, 5);
  expect(quality.low ?? 1).toBeLessThan(quality.score ?? 0);
  expect(quality.high ?? 0).toBeGreaterThan(quality.score ?? 1);
  expect((quality.high ?? 1) - (quality.low ?? 0)).toBeLessThan(0.06);
  expect([editDistance('', ''), editDistance('abcd', 'abxd'), editDistance('', 'ab')]).toEqual([0, 0.25, 1]);
});
