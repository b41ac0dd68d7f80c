import { expect, test } from '@jest/globals';
import { termsIn } from './glossary.domain.ts';
import { mask, type MaskStyle, unmask } from './mask.domain.ts';
import { joinSegments, segment } from './segment.domain.ts';
import { cutAt, findSpans, spansOf } from '@crossdesk/outgoing-lint/text';
import { type Candidate, isRefused, verify } from './verify.domain.ts';

const found = (text: string) => findSpans(text).map((span) => `${span.kind} ${span.text}`);

test.each([
  ['Order 240613ABCD9 ships to ana@mail.example.', ['id 240613ABCD9', 'email ana@mail.example']],
  ['See https://shop.example/o/1?a=b, please', ['url https://shop.example/o/1?a=b']],
  ['订单SPX1234567890到shop.com/help了吗?', ['id SPX1234567890', 'url shop.com/help']],
  ['It costs $1,299.00 or 1.299,00 € today', ['money $1,299.00', 'money 1.299,00 €']],
  [
    'R$ 59,90, Rp 150.000, 300元, MX$5, 12 USD',
    ['money R$ 59,90', 'money Rp 150.000', 'money 300元', 'money MX$5', 'money 12 USD'],
  ],
  ['on 2026-03-02, 03/04/2026 at 14:30 or 3 pm', ['date 2026-03-02', 'date 03/04/2026', 'date 14:30', 'date 3 pm']],
  ['Call +55 11 99999-0000.', ['phone +55 11 99999-0000']],
  [
    'Hello {buyerName}, {{order}} <b>now</b> %s',
    ['placeholder {buyerName}', 'placeholder {{order}}', 'placeholder <b>', 'placeholder </b>', 'placeholder %s'],
  ],
  ['SKU LMP-220-W, size XL2, 3pcs of 500ml', ['id LMP-220-W', 'id XL2']],
  ['I paid 2 times for 3 items in 2026', []],
])('%s has its protected spans', (text, expected) => {
  expect(found(text)).toEqual(expected);
});

test('a text is cut into sentences and joined again without a change, and no span is cut', () => {
  const text =
    '  Hi! See www.shop.example/a.b.html. Your parcel 1Z999AA10123456784 left.\n\n您好。请问3.5公斤多少钱?谢谢 ';
  const segmented = segment(text, 'en');
  expect(segmented.segments.length).toBeGreaterThanOrEqual(5);
  expect(segmented.segments.flatMap(({ pieces }) => spansOf(pieces)).map((span) => span.text)).toEqual([
    'www.shop.example/a.b.html',
    '1Z999AA10123456784',
  ]);
  const sources = segmented.segments.map(({ pieces }) =>
    pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join(''),
  );
  expect(joinSegments(segmented, sources)).toBe(text);
});

const pieces = cutAt(
  'Order AB-1234567 <b>costs</b> 5 & more: $9.50',
  findSpans('Order AB-1234567 <b>costs</b> 5 & more: $9.50'),
);
const styles: readonly MaskStyle[] = ['xml', 'html', 'token', 'bracket'];

test.each(styles)('a text masked as %s comes back whole, and a damaged mask is refused', (style) => {
  const masked = mask(pieces, style);
  expect(masked).not.toContain('AB-1234567 <b>');
  expect(unmask(masked, pieces, style)).toBe('Order AB-1234567 <b>costs</b> 5 & more: $9.50');
  const first = mask(pieces.slice(0, 2), style).slice('Order '.length);
  for (const hostile of [masked.replace(first, ''), masked.replace(first, first + first), masked.replaceAll('0', '7')])
    expect(unmask(hostile, pieces, style)).toBeNull();
});

test('S1-2.8 a term is found in any case, as a whole word, in every script, and its target is forced', () => {
  const terms = [
    { source: 'Flash Sale', target: '限时抢购', isCaseSensitive: false },
    { source: 'sale', target: '促销', isCaseSensitive: false },
    { source: '包邮', target: 'envío gratis', isCaseSensitive: false },
    { source: 'Lumina', target: 'Lumina', isCaseSensitive: true },
  ];
  const text = 'The flash sale of Lumina: SALE, wholesale, lumina, 全店包邮。';
  const spans = findSpans(text, termsIn(text, terms));
  expect(spans.map(({ text: term, target }) => [term, target])).toEqual([
    ['flash sale', '限时抢购'],
    ['Lumina', 'Lumina'],
    ['SALE', '促销'],
    ['包邮', 'envío gratis'],
  ]);
});

function candidate(source: string, text: string, more: Partial<Candidate> = {}): Candidate {
  const cut = cutAt(source, findSpans(source));
  return { pieces: cut, sourceLocale: 'en', text, targetLocale: 'de', foundLanguage: null, ...more };
}

const codesOf = (...given: Parameters<typeof candidate>) => verify(candidate(...given)).map(({ code }) => code);

test.each<[string, string, readonly string[], Partial<Candidate>?]>([
  ['Order AB123456 is late.', 'Bestellung AB123456 kommt später.', []],
  ['Order AB123456 is late.', 'Bestellung AB123465 kommt später.', ['span-changed', 'added']],
  ['It costs $5.00.', 'Es kostet $50.00.', ['span-changed', 'added']],
  ['Wait 14 days for 1,500 pieces.', 'Warten Sie 14 Tage auf 1.500 Stück.', []],
  ['Wait 14 days.', 'Warten Sie 41 Tage.', ['number-changed', 'number-changed']],
  ['You get 2 lamps.', 'Sie bekommen zwei Lampen.', ['small-number']],
  ['It weighs 20 kg.', 'Es wiegt 20 g.', ['unit-changed']],
  ['需要1万件', 'We need 10,000 pieces', [], { sourceLocale: 'zh', targetLocale: 'en' }],
  ['المبلغ ٢٥ قطعة', '25 pieces', [], { sourceLocale: 'ar', targetLocale: 'en' }],
  ['It will arrive.', 'Es kommt nicht an.', ['negation']],
  ['我没有收到', 'I received it', ['negation'], { sourceLocale: 'zh', targetLocale: 'en' }],
  ['Where is my parcel now?', 'Where is my parcel now?', ['copy']],
  ['Where is my parcel, please tell me soon?', 'Wo?', ['length']],
  ['Hello there', 'Hallo Hallo Hallo Hallo Hallo Hallo', ['loop']],
  ['Thanks a lot', 'Sure! Danke schön', ['chatter']],
  ['Thanks a lot', 'Danke http://evil.example', ['added']],
  ['Thanks a lot', 'Danke\u202e schön', ['hidden-characters']],
  [
    'Where is my parcel, please tell me soon?',
    'Où est mon colis, dites-le-moi bientôt ?',
    ['language'],
    { foundLanguage: 'fr' },
  ],
])('%s -> %s: %j', (source, text, expected, more = {}) => {
  expect(codesOf(source, text, more)).toEqual(expected);
});

test('a warning does not refuse, an error does', () => {
  expect(isRefused(verify(candidate('You get 2 lamps.', 'Sie bekommen zwei Lampen.')))).toBe(false);
  expect(isRefused(verify(candidate('Wait 14 days.', 'Warten Sie 41 Tage.')))).toBe(true);
});
