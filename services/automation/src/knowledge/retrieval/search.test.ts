import { describe, expect, test } from '@jest/globals';
import { type ArticleId, newId } from '@crossdesk/contracts';
import { understand } from '../../analysis/understand.ts';
import { detectLanguage } from '../../language/detect-language.ts';
import type { ArticleScope } from '../article/article.domain.ts';
import { intentsOf } from '../article/article-intents.ts';
import { answerScoreMin } from './find-passages.ts';
import { createIndexBuilder, type KnowledgeIndex, noKnowledge, type PublishedArticle } from './knowledge-index.ts';
import { partFor, partsOf } from './passages.domain.ts';
import { search } from './search.ts';

type Written = readonly [locale: string, title: string, body: string, ...questions: string[]];

const written = {
  returns: [
    'en',
    'How long can I return something?',
    'You can return it within 14 days after it arrived.',
    'Can I send it back?',
    'What is your return policy?',
  ],
  tracking: ['en', 'Where is my parcel?', 'Open the tracking link in the mail.', 'My tracking does not move'],
  invoice: ['en', 'How do I get an invoice?', 'Send us your company name and VAT number.', 'I need a VAT invoice'],
  lamp: ['en', 'The lamp does not light', 'Press the switch for three seconds.', 'My lamp is not working'],
  tuihuo: ['zh-CN', '如何退货？', '收到商品后14天内可以申请退货。', '可以退吗', '怎么换货'],
  fahuo: ['zh-CN', '多久发货？', '付款后48小时内发货。', '什么时候发货', '几天能到'],
  fapiao: ['zh-CN', '怎么开发票？', '请提供公司抬头和税号。', '能开专票吗'],
  zahlung: ['de', 'Welche Zahlungsarten gibt es?', 'Sie können mit Kreditkarte oder PayPal bezahlen.'],
  thai: ['th', 'จัดส่งใช้เวลากี่วัน', 'จัดส่งภายใน 3-5 วันทำการ', 'ของจะถึงเมื่อไหร่'],
  arabic: ['ar', 'ما هي مدة الضمان؟', 'مدة الضمان سنتان من تاريخ الشراء', 'هل يوجد ضمان؟'],
  japanese: ['ja', '充電時間はどのくらいですか', 'フル充電まで約2時間かかります。', '充電できません'],
  korean: ['ko', '세탁은 어떻게 하나요?', '찬물에 손세탁해 주세요.', '세탁기 돌려도 되나요'],
} as const satisfies Record<string, Written>;

const anyone = { type: 'faq', isForBuyers: true, channel: null, markets: [], skus: [], originalLocale: 'en' } as const;
const always = { validFrom: null, validTo: null, reviewBy: null };

function anArticle(
  articleId: ArticleId,
  [locale, title, body, ...questions]: Written,
  { version = 1, ...scope }: Partial<ArticleScope> & { readonly version?: number } = {},
): PublishedArticle {
  const text = { locale, title, body, questions };
  const texts = [{ ...text, version: 1, intents: intentsOf(text) }];
  return { articleId, version, content: { ...anyone, ...always, ...scope, texts } };
}

function indexOf(articles: readonly PublishedArticle[], before = noKnowledge): KnowledgeIndex {
  const builder = createIndexBuilder(before);
  for (const article of articles) builder.add(article);
  return builder.finish();
}

const ids = new Map(Object.keys(written).map((name) => [name, newId<ArticleId>()]));
const idOf = (name: string) => ids.get(name) ?? newId<ArticleId>();
const index = indexOf(Object.entries(written).map(([name, text]) => anArticle(idOf(name), text)));
const nobody = { sku: null, market: null, channel: null, isForBuyers: false, now: new Date('2026-03-02') };

function ask(text: string, scope: object = {}, among = index) {
  const locale = detectLanguage(text).language ?? 'en';
  const { intents } = understand(text, locale);
  return search(among, { text, locale, intents }, { ...nobody, ...scope }).filter(
    ({ score }) => score >= answerScoreMin,
  );
}

describe('the article that answers comes first', () => {
  test.each([
    ['Can I still give the shoes back after ten days?', 'returns'],
    ['what is the return policy', 'returns'],
    ['where is my package', 'tracking'],
    ['need invoice for my company', 'invoice'],
    ['the lamp stays dark', 'lamp'],
    ['退货', 'tuihuo'],
    ['我想退貨', 'tuihuo'],
    ['發票', 'fapiao'],
    ['什么时候可以发货呀', 'fahuo'],
    ['Nehmen Sie PayPal?', 'zahlung'],
    ['กี่วันถึง', 'thai'],
    ['การจัดส่ง', 'thai'],
    ['الضمان', 'arabic'],
    ['كم مدة ضمان المنتج', 'arabic'],
    ['充電', 'japanese'],
    ['充電時間を教えて', 'japanese'],
    ['세탁', 'korean'],
    ['세탁기 사용 가능?', 'korean'],
    ['wie kann ich etwas zurückschicken', 'returns'],
    ['请问我的订单什么时候到', 'fahuo'],
    ['¿dónde está mi paquete?', 'tracking'],
  ])('%s', (text, name) => {
    expect(ask(text)[0]?.articleId).toBe(idOf(name));
  });
});

test.each([
  'Do you sell gift cards?',
  'Do you have this in blue?',
  'Who is the CEO?',
  '你们有实体店吗',
  'Haben Sie eine Filiale in Berlin?',
  'มีหน้าร้านไหม',
  'هل لديكم متجر في دبي',
  '実店舗はありますか',
  '매장이 어디에 있나요',
  'Is it dishwasher safe?',
  'Is your shop open on Sunday?',
  'Does the jacket contain wool?',
  '可以送礼品包装吗',
  '?!',
])('nothing answers %s', (text) => {
  expect(ask(text)).toEqual([]);
});

test('what is for another product, market, channel, time or for colleagues is left out', () => {
  const text = written.lamp;
  const [small, large, german, shopee, later, internal] = Array.from({ length: 6 }, () => newId<ArticleId>());
  const lamps = indexOf([
    anArticle(small ?? idOf(''), text, { skus: ['SMALL'] }),
    anArticle(large ?? idOf(''), text, { skus: ['LARGE'] }),
    anArticle(german ?? idOf(''), text, { markets: ['DE'] }),
    anArticle(shopee ?? idOf(''), text, { channel: 'shopee' }),
    anArticle(later ?? idOf(''), text, { validFrom: new Date('2026-04-01') }),
    anArticle(internal ?? idOf(''), text, { isForBuyers: false }),
  ]);
  const found = (scope: object) => ask('my lamp gives no light', scope, lamps).map(({ articleId }) => articleId);
  const all = { sku: 'SMALL', market: 'FR', channel: 'whatsapp', isForBuyers: true };
  expect(found(all)).toEqual([small]);
  expect(found({})).toHaveLength(5);
  expect(new Set(found({ ...all, sku: null, market: 'DE', channel: 'shopee' }))).toEqual(
    new Set([small, large, german, shopee]),
  );
  expect(found({ now: new Date('2026-04-02') })).toContain(later);
});

test('a changed article is found by its new words only, with scores that can be compared', () => {
  const changed = ['en', 'How do I wash the cover?', 'By hand, at 30 degrees.'] as const;
  const later = indexOf([anArticle(idOf('lamp'), changed, { version: 2 })], index);
  expect(ask('the lamp stays dark', {}, later)).toEqual([]);
  const [hit] = ask('how to wash the cover', {}, later);
  expect(hit).toMatchObject({ articleId: idOf('lamp'), version: 2 });
  const builder = createIndexBuilder(later);
  builder.remove(idOf('lamp'));
  expect(ask('how to wash the cover', {}, builder.finish())).toEqual([]);
  const whole = indexOf(
    Object.entries(written).map(([name, text]) => anArticle(idOf(name), name === 'lamp' ? changed : text)),
  );
  expect(hit?.score).toBeCloseTo(ask('how to wash the cover', {}, whole)[0]?.score ?? 0, 1);
});

const body = `${'First we talk about something else entirely. '.repeat(12)}

The guarantee is two years. It begins when the parcel arrives.

${'Then we talk about other things again. '.repeat(12)}`;

test('a long text is cut at sentences and blank lines, and the part with the words of the question is given', () => {
  const parts = partsOf(body, 'en');
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.every(({ start, end }) => end - start <= 450 && body.slice(start, end).endsWith('.'))).toBe(true);
  const text = { body, locale: 'en' };
  const { start, end } = partFor('how long is the guarantee', text, text);
  expect(body.slice(start, end)).toContain('two years');
});

test('the part of a translation is the one that is the answer in the text that was found', () => {
  const german = body.replace('The guarantee is two years.', 'Die Garantie dauert zwei Jahre.');
  const { start, end } = partFor('how long is the guarantee', { body: german, locale: 'de' }, { body, locale: 'en' });
  expect(german.slice(start, end)).toContain('zwei Jahre');
});
