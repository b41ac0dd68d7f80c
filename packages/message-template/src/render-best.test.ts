import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSameLanguage } from './locale.ts';
import type { VariantKey } from './rank-variants.ts';
import { renderBest } from './render-best.ts';

type Variant = VariantKey & { readonly text: string };

/** A variant written as `locale/market/channel`; `-` is for all, `!` is disabled. */
function variant(name: string): Variant {
  const [locale = '', market = '-', channel = '-'] = name.replace('!', '').split('/');
  const orNull = (word: string) => (word === '-' ? null : word);
  return { locale, market: orNull(market), channel: orNull(channel), isEnabled: !name.startsWith('!'), text: name };
}

function render(names: string, recipient: string, fallback: string) {
  const { locale, market, channel } = variant(recipient);
  const fallbackLocales = fallback === '' ? [] : fallback.split(' ');
  const template = { variables: [], variants: names.split(' ').map(variant) };
  return renderBest(template, { locale, market, channel, fallbackLocales }, new Map());
}

test.each([
  ['the same locale before the language of the market', 'de-AT de-DE', 'de-AT/DE/-', '', 'de-AT'],
  ['the language of the market before the language', 'pt pt-BR', 'pt-PT/BR/-', '', 'pt-BR'],
  ['the language before that of another country', 'en-US en', 'en-GB/GB/-', '', 'en'],
  ['another country before a fallback', 'en-US de', 'en-GB/GB/-', 'de', 'en-US'],
  ['the first fallback before the second', 'fr en', 'ja/JP/-', 'en fr', 'en'],
  ['a fallback in its own locale before its language', 'en-US en-GB', 'ja/JP/-', 'en-GB', 'en-GB'],
  ['a locale for all before a language for the channel', 'de-DE de/-/shopee', 'de-DE/DE/shopee', '', 'de-DE'],
  ['channel and market before the channel', 'de/-/shopee de/DE/shopee', 'de/DE/shopee', '', 'de/DE/shopee'],
  ['the channel before the market', 'de/DE/- de/-/shopee', 'de/DE/shopee', '', 'de/-/shopee'],
  ['the market before all', 'de de/DE/-', 'de/DE/shopee', '', 'de/DE/-'],
  ['no disabled variant', '!de de-DE', 'de/DE/-', '', 'de-DE'],
  ['no variant of another market', 'de/AT/- en', 'de/DE/-', 'en', 'en'],
  ['no variant of a market for an unknown one', 'de/AT/-', 'de', '', null],
  ['no variant of another channel', 'de/-/shopee', 'de/-/whatsapp', '', null],
  ['no other script', 'zh-TW en', 'zh-CN/CN/-', 'en', 'en'],
  ['no other language without a fallback', 'en', 'de', '', null],
  ['the fallback for a language that is none', 'en', 'undetermined/-/-', 'en', 'en'],
])('%s', (_, names, recipient, fallback, expected) => {
  expect(render(names, recipient, fallback).best?.text ?? null).toBe(expected);
});

test('every variant is listed with what became of it', () => {
  const names = 'de/-/shopee de de-AT/AT/- !de-DE en fr';
  const { attempts } = render(names, 'de/DE/whatsapp', 'en');
  expect(attempts.map(({ variant: { text }, outcome }) => [text, outcome])).toEqual([
    ['de', 'RENDERED'],
    ['en', 'LESS_FITTING'],
    ['de/-/shopee', 'OTHER_CHANNEL'],
    ['de-AT/AT/-', 'OTHER_MARKET'],
    ['!de-DE', 'DISABLED'],
    ['fr', 'OTHER_LANGUAGE'],
  ]);
});

test('a variant without a value for each of its variables is passed over, and the variables are named', () => {
  const variables = [
    { name: 'buyer', type: 'text' },
    { name: 'due', type: 'date' },
    { name: 'count', type: 'number' },
  ] as const;
  const of = (locale: string, text: string): Variant => ({ ...variant(locale), text });
  const variants = [
    of('de-DE', 'Hallo {buyer}, {count, plural, one {am {due}} other {bald}}'),
    of('de', 'Am {due}'),
    of('en', '{count, plural, one {# parcel} other {# parcels}}'),
  ];
  const recipient = { locale: 'de-DE', market: null, channel: null, fallbackLocales: ['en'] };
  const values = new Map([
    ['buyer', 'Mei'],
    ['count', '2'],
  ]);
  const { best, attempts } = renderBest({ variables, variants }, recipient, values);
  expect(best?.text).toBe('2 parcels');
  expect(attempts.map(({ outcome, variables: names }) => [outcome, names])).toEqual([
    ['MISSING_VALUE', ['due']],
    ['MISSING_VALUE', ['due']],
    ['RENDERED', []],
  ]);
  const malformed = renderBest({ variables, variants }, recipient, new Map([...values, ['due', 'soon']]));
  expect(malformed.attempts.slice(0, 2)).toMatchObject([
    { outcome: 'MALFORMED_VALUE', variables: ['due'] },
    { outcome: 'MALFORMED_VALUE', variables: ['due'] },
  ]);
  const whole = renderBest({ variables, variants }, recipient, new Map([...values, ['due', '2026-03-02']]));
  expect(whole.best?.text).toBe('Hallo Mei, bald');
});

test('the choice depends on no order, and is never disabled, for others or in another language', () => {
  const locale = fc.constantFrom('de', 'de-DE', 'de-AT', 'en', 'en-US', 'zh-CN', 'zh-TW', 'pt-BR');
  const market = fc.constantFrom<(string | null)[]>('DE', 'AT', 'US', null);
  const channel = fc.constantFrom<(string | null)[]>('shopee', 'whatsapp', null);
  const variants = fc.uniqueArray(
    fc.record({ locale, market, channel, isEnabled: fc.boolean(), text: fc.constant('x') }),
    { selector: (v) => `${v.locale} ${v.market} ${v.channel}`, maxLength: 20 },
  );
  const recipient = fc.record({ locale, market, channel, fallbackLocales: fc.array(locale, { maxLength: 3 }) });
  fc.assert(
    fc.property(variants, recipient, fc.infiniteStream(fc.nat()), (given, wanted, random) => {
      const render = (some: typeof given) => renderBest({ variables: [], variants: some }, wanted, new Map());
      const { best, attempts } = render(given);
      const shuffled = given.map((v) => [random.next().value, v] as const).toSorted(([a], [b]) => a - b);
      expect(render(shuffled.map(([, v]) => v)).best).toEqual(best);
      expect(new Set(attempts.map((attempt) => attempt.variant))).toEqual(new Set(given));
      const fits = (v: Variant) =>
        v.isEnabled &&
        [null, wanted.market].includes(v.market) &&
        [null, wanted.channel].includes(v.channel) &&
        [wanted.locale, ...wanted.fallbackLocales].some((l) => isSameLanguage(l, v.locale));
      expect(best === null).toBe(!given.some(fits));
      if (best !== null) expect(fits(best.variant)).toBe(true);
    }),
  );
});
