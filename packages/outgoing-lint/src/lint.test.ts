import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPlanted, readReplies } from '../test/read-replies.ts';
import { type Finding, platformRules } from './finding.ts';
import { lint, type LintContext, stopsIn } from './lint.ts';
import { packs } from './platform/packs.ts';

const now = new Date('2026-03-04T10:00:00.000Z');
const nothing: LintContext = {
  channel: 'generic',
  language: null,
  mood: null,
  market: null,
  facts: { order: null, otherOrders: [], policy: null, now },
  lowered: [],
};
const order = {
  number: '260228K7QX9TMP',
  trackingNumbers: ['BR264401827364S'],
  standing: 'not-shipped',
  total: { amount: '129.80', currency: 'BRL' },
} as const;
const knowing = (facts: Partial<LintContext['facts']>): LintContext => ({
  ...nothing,
  facts: { ...nothing.facts, ...facts },
});
const named = (findings: readonly Finding[]) => findings.map(({ rule }) => rule);

test('no ordinary reply in 21 languages is stopped on any platform', () => {
  const replies = readReplies('ordinary-replies.txt');
  const stopped = replies.flatMap(({ language, text, isAboutSentOrder }) => {
    const known = { ...order, total: null, ...(isAboutSentOrder ? { standing: null } : {}) };
    const stopsOn = (channel: string, facts: Partial<LintContext['facts']>) =>
      stopsIn(lint(text, { ...knowing(facts), channel, language })).map(({ rule }) => `${channel} ${rule}: ${text}`);
    // What is claimed about an order is judged alike on every platform.
    return [...packs.flatMap(({ channels }) => stopsOn(channels[0] ?? '', {})), ...stopsOn('amazon', { order: known })];
  });
  const warned = replies.filter(
    ({ language, text }) => lint(text, { ...nothing, channel: 'amazon', language }).length > 0,
  );
  process.stdout.write(
    `ordinary replies: ${replies.length}, stopped: ${stopped.length}, with a warning: ${warned.length}\n`,
  );
  expect(replies.length).toBeGreaterThanOrEqual(200);
  expect(stopped).toEqual([]);
  expect(warned.map(({ text }) => text)).toEqual([]);
});

test('a reply that tells of an order on its way is stopped before the order has left', () => {
  const told = readReplies('ordinary-replies.txt').filter(({ isAboutSentOrder }) => isAboutSentOrder);
  expect(told.length).toBeGreaterThanOrEqual(11);
  for (const { text } of told)
    expect(named(lint(text, knowing({ order: { ...order, total: null } })))).toEqual(['claim-status']);
});

test('every planted violation is found under its rule, and on the strictest platform stopped', () => {
  const planted = readPlanted('planted.txt');
  const missed = planted.filter(
    ({ language, rule, text }) => !named(lint(text, { ...nothing, channel: 'amazon', language })).includes(rule),
  );
  process.stdout.write(`planted violations: ${planted.length}, missed: ${missed.length}\n`);
  expect(missed).toEqual([]);
  expect(new Set(planted.map(({ rule }) => rule))).toEqual(new Set(platformRules));
  const passed = planted.filter(
    ({ language, rule, text }) =>
      rule !== 'review-request' && stopsIn(lint(text, { ...nothing, channel: 'amazon', language })).length === 0,
  );
  expect(passed).toEqual([]);
});

test('the same words are free on the own channels of a store', () => {
  for (const { text, language } of readPlanted('planted.txt'))
    expect(lint(text, { ...nothing, channel: 'whatsapp', language })).toEqual([]);
});

test.each([
  ['a refund of more than was paid', 'We refund you R$ 150,00 today.', 'claim-amount'],
  ['the same in Chinese', '我们会为您退款 R$ 150。', 'claim-amount'],
  ['the same as German writes it', 'Wir erstatten Ihnen 150,00 R$.', 'claim-amount'],
  ['a refund in another money', 'Wir erstatten Ihnen 20,00 €.', 'claim-currency'],
  ['the same behind a denial', 'We will not refund R$ 20 but refund R$ 150.', 'claim-amount'],
  ['the same behind a promise', 'We will not hesitate to refund R$ 150.', 'claim-amount'],
  ['delivered before it was shipped', 'Your parcel has been delivered.', 'claim-status'],
  ['the same in Portuguese', 'O seu pacote já foi entregue.', 'claim-status'],
  ['the same in Japanese', 'お荷物は配達完了となっております。', 'claim-status'],
  ['on its way before it has left, in English', 'Your order has been shipped.', 'claim-status'],
  ['on its way before it has left, in English, too', 'Your parcel is on its way.', 'claim-status'],
  ['on its way before it has left, in English: delivered', 'It has already been delivered.', 'claim-status'],
  ['on its way before it has left, in Chinese', '您的订单已发货。', 'claim-status'],
  ['on its way before it has left, in German', 'Ihre Bestellung wurde verschickt.', 'claim-status'],
  ['on its way before it has left, in German, too', 'Ihr Paket ist bereits unterwegs.', 'claim-status'],
  ['on its way before it has left, in French', 'Votre commande a bien été envoyée.', 'claim-status'],
  ['on its way before it has left, in Spanish', 'Su pedido ya se ha enviado.', 'claim-status'],
  ['on its way before it has left, in Portuguese', 'Seu pedido já foi enviado.', 'claim-status'],
  ['on its way before it has left, in Italian', 'Il suo ordine è già stato spedito.', 'claim-status'],
  ['on its way before it has left, in Dutch', 'Uw bestelling is al verzonden.', 'claim-status'],
  ['on its way before it has left, in Indonesian', 'Pesanan Anda sudah dikirim.', 'claim-status'],
  ['on its way before it has left, in Japanese', 'ご注文の商品は発送いたしました。', 'claim-status'],
  ['on its way before it has left, in Thai', 'คำสั่งซื้อของคุณจัดส่งแล้วค่ะ.', 'claim-status'],
  ['on its way before it has left, in Vietnamese', 'Đơn hàng của bạn đã được gửi đi.', 'claim-status'],
  ['the same in short', "It's on its way.", 'claim-status'],
  ['the same with a request to wait', '您的订单已发货，请耐心等待。', 'claim-status'],
  ['the same with a promise', 'Your order has been shipped and will be delivered soon.', 'claim-status'],
  ['a day that has passed', 'It will arrive on 2026-02-20.', 'claim-date'],
  ['the same in words', 'Die Lieferung kommt voraussichtlich am 20. Februar 2026 an.', 'claim-date'],
  ['the same without its year', '预计2月20日送达。', 'claim-date'],
  ['the same in Vietnamese', 'Đơn hàng dự kiến đến ngày 20 tháng 2, 2026.', 'claim-date'],
  ['the order of another buyer', 'Your order 260227AAAA1111 is ready.', 'claim-order'],
  ['more days than the policy gives', 'You can return it within 60 days.', 'claim-days'],
])('%s is stopped with its clause', (_, text, rule) => {
  const context = knowing({ order, otherOrders: ['260227AAAA1111'], policy: { returnDays: 30 } });
  const findings = stopsIn(lint(`Hello. ${text} Bye.`, context));
  expect(findings).toMatchObject([{ rule, severity: 'stop', clause: text }]);
});

test.each([
  'We refund you R$ 129,80 today.',
  'We refund R$ 29.80 of the R$ 129.80.',
  'We will not refund you 9999 GBP.',
  'Wir erstatten Ihnen 150,00 R$ leider nicht.',
  '我们不会退款 R$ 150。',
  'Your refund is on its way.',
  'The invoice has been sent to you.',
  'Ihre Bestellung kann morgen verschickt werden.',
  'Once it is on its way, you will see the number.',
  'I hope it is delivered soon.',
  'Hoffentlich ist es bald bei Ihnen angekommen.',
  'Your parcel has not been delivered yet.',
  'Once it has been delivered, write to us.',
  'Has it been delivered?',
  'It will arrive on 2026-03-04.',
  'It will arrive on 03/12/2026.',
  'It was expected on 2026-02-20, and we are sorry.',
  'Your order 260228K7QX9TMP is ready.',
  'You can return it within 30 days.',
  'The lamp costs 300 dollars in our catalogue.',
])('nothing is wrong with: %s', (text) => {
  const context = knowing({ order, otherOrders: ['260227AAAA1111'], policy: { returnDays: 30 } });
  expect(lint(text, context)).toEqual([]);
});

test('without known facts nothing is claimed', () => {
  for (const text of ['We refund you 9,999 EUR.', 'It has been delivered.', 'You can return it within 60 days.'])
    expect(lint(text, nothing)).toEqual([]);
});

test.each([
  ['en', 'Calm down, please.', 'tone-rude'],
  ['en', 'There is nothing we can do.', 'tone-cold'],
  ['en', 'You should have measured it first.', 'tone-blame'],
  ['en', 'PLEASE READ EVERYTHING before you write.', 'tone-capitals'],
  ['de', 'Wir senden Ihnen heute dein Paket.', 'tone-mixed-address'],
  ['zh', '您好，你的包裹已发出。', 'tone-mixed-address'],
  ['fr', 'Votre colis est parti, tu le recevras demain.', 'tone-mixed-address'],
  ['ru', 'Вам придёт письмо, когда твой заказ будет готов.', 'tone-mixed-address'],
  ['ja', '荷物は明日届くよ。', 'tone-no-honorific'],
  ['ko', '내일 도착할 거야 기다려.', 'tone-no-honorific'],
  ['zh', '这不关我们的事。', 'tone-cold'],
  ['es', 'Es culpa suya.', 'tone-blame'],
  ['pt-BR', 'Pare de reclamar.', 'tone-rude'],
])('%s: "%s" is a warning: %s', (language, text, rule) => {
  expect(lint(text, { ...nothing, language })).toMatchObject([
    { rule, severity: 'warn', message: { zh: expect.any(String) } },
  ]);
});

test('an angry buyer is answered with some understanding', () => {
  const angry = { ...nothing, language: 'en', mood: 'angry' } as const;
  expect(named(lint('The parcel arrives tomorrow.', angry))).toEqual(['tone-no-empathy']);
  expect(lint('We are sorry. The parcel arrives tomorrow.', angry)).toEqual([]);
});

test('a rule that the workspace has lowered warns, others still stop', () => {
  const text = 'Write to help@lumina-lamps.com or add me on WhatsApp.';
  const findings = lint(text, { ...nothing, channel: 'amazon', lowered: ['contact-data'] });
  expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
    ['contact-data', 'warn'],
    ['off-platform', 'stop'],
    ['off-platform', 'stop'],
  ]);
});

test('every finding is a place of the text, whatever is written', () => {
  const pieces = fc.constantFrom(
    'a',
    ' ',
    '.',
    '１',
    '微信',
    '😊',
    '\u200b',
    'ﬁ',
    '@',
    '\n',
    'İ',
    'é',
    '3',
    'gmail.com',
    '€',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const text = parts.join('');
      for (const { start, end } of lint(text, { ...nothing, channel: 'amazon', language: 'de', mood: 'angry' })) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 300 },
  );
});
