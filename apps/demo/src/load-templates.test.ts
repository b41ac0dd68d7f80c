import { expect, test } from '@jest/globals';
import { checkPattern, renderBest, type Variable, variableTypes } from '@crossdesk/message-template';
import { lint, packs } from '@crossdesk/outgoing-lint';
import { numbersIn } from '@crossdesk/outgoing-lint/text';
import { starterPack } from './load-templates.ts';
import { starterLocales, type StarterTemplate } from './templates/starter-template.ts';

/** Values as long as they get, and the shortest ones. */
const allValues = [
  { TEXT: '260228K7QX9TMP', NUMBER: '2', DATE: '2026-03-25', MONEY: '1234.50 EUR' },
  { TEXT: 'L', NUMBER: '1', DATE: '2026-03-03', MONEY: '1 JPY' },
] as const;

function variablesOf({ variables }: StarterTemplate): Variable[] {
  return Object.entries(variables).map(([name, written]) => {
    const type = variableTypes.find((candidate) => candidate === written.toLowerCase());
    if (type === undefined) throw new Error(`there is no type ${written}`);
    return { name, type };
  });
}

function rendered(
  template: StarterTemplate,
  locale: (typeof starterLocales)[number],
  values: Readonly<Record<'TEXT' | 'NUMBER' | 'DATE' | 'MONEY', string>>,
) {
  const variant = { locale, market: null, channel: null, isEnabled: true, text: template.texts[locale] };
  const recipient = { locale, market: null, channel: null, fallbackLocales: [] };
  const given = new Map(Object.entries(template.variables).map(([name, type]) => [name, values[type]]));
  const { best } = renderBest({ variables: variablesOf(template), variants: [variant] }, recipient, given);
  if (best === null) throw new Error(`${template.key} in ${locale} does not render`);
  return best.text;
}

const cases = starterPack.flatMap((template) =>
  starterLocales.map((locale) => [template.key, locale, template] as const),
);

test('there are templates for twelve situations and for what a machine says, in twelve languages', () => {
  expect(new Set(starterPack.map(({ situation }) => situation)).size).toBe(12);
  expect(new Set(starterPack.map(({ key }) => key)).size).toBe(15);
  expect(cases).toHaveLength(180);
});

test.each(cases)('%s in %s shows all its variables, and promises nothing else', (_, locale, template) => {
  const text = template.texts[locale];
  const variables = variablesOf(template);
  expect(checkPattern(text, locale, variables)).toEqual([]);
  for (const { name } of variables) expect(text).toContain(`{${name}`);
  // Numbers, amounts and days come from variables only.
  expect(text.replaceAll(/\{[^{}]*\}/g, '')).not.toMatch(/\d|%/);
  for (const values of allValues) expect(rendered(template, locale, values)).not.toMatch(/[{}]/);
});

test.each(cases)('%s in %s may be sent on every platform, also to an angry buyer', (_, locale, template) => {
  const facts = { order: null, otherOrders: [], policy: null, now: new Date('2026-03-01T12:00:00.000Z') };
  const isApology = template.key === 'delayed' || template.key === 'out-of-stock' || template.key === 'damaged-item';
  for (const { channels } of packs) {
    const context = { channel: channels[0] ?? '', language: locale, market: null, facts, lowered: [] };
    for (const values of allValues)
      expect(lint(rendered(template, locale, values), { ...context, mood: isApology ? 'angry' : 'calm' })).toEqual([]);
  }
});

test.each(starterPack.map((template) => [template.key, template] as const))(
  'the numbers of %s are the same in every language',
  (_, template) => {
    const [values] = allValues;
    const types = new Set(Object.values(template.variables));
    const expected = [
      ...(types.has('NUMBER') ? [2] : []),
      ...(types.has('MONEY') ? [1234.5] : []),
      ...(types.has('DATE') ? [25] : []),
    ];
    for (const locale of starterLocales) {
      const text = rendered(template, locale, values);
      const readings = numbersIn(text.replaceAll(values.TEXT, '')).flatMap((number) => number.readings);
      expect({ locale, missing: expected.filter((number) => !readings.includes(number)) }).toEqual({
        locale,
        missing: [],
      });
      if (types.has('DATE')) expect(readings.some((year) => year === 2026 || year === 2569)).toBe(true);
    }
  },
);

const order = {
  number: '260228K7QX9TMP',
  trackingNumbers: [],
  total: { amount: '129.80', currency: 'BRL' },
};
const now = new Date('2026-03-20T12:00:00.000Z');

/** What contradicts the order in a template with these values. */
function contradictions(
  key: string,
  locale: (typeof starterLocales)[number],
  changes: object,
  standing: 'not-shipped' | null = null,
): string[] {
  const template = starterPack.find((one) => one.key === key);
  if (template === undefined) throw new Error(`there is no template ${key}`);
  const values = { TEXT: '260228K7QX9TMP', NUMBER: '2', DATE: '2026-03-25', MONEY: '129.80 BRL', ...changes };
  const text = rendered(template, locale, values);
  const facts = { order: { ...order, standing }, otherOrders: [], policy: null, now };
  return lint(text, { channel: 'generic', language: locale, mood: null, market: null, facts, lowered: [] }).map(
    ({ rule }) => rule,
  );
}

test.each(starterLocales)('in %s an order that has not left is being prepared, and not shipped', (locale) => {
  expect(contradictions('preparing', locale, {}, 'not-shipped')).toEqual([]);
  expect(contradictions('shipped', locale, {}, 'not-shipped')).toEqual(['claim-status']);
});

test.each(starterLocales)(
  'in %s the order contradicts an amount, a currency and a day that were changed, and no true one',
  (locale) => {
    for (const key of ['refund-done', 'where-is-my-order', 'delayed', 'return-how-to', 'shipped'])
      expect({ key, found: contradictions(key, locale, {}) }).toEqual({ key, found: [] });
    for (const MONEY of ['129.81 BRL', '1298.00 BRL', '12980 BRL'])
      expect({ MONEY, found: contradictions('refund-done', locale, { MONEY }) }).toEqual({
        MONEY,
        found: ['claim-amount'],
      });
    for (const MONEY of ['12.00 EUR', '12 JPY', '12.50 GBP', '12.50 THB', '120000 VND', '12.00 USD', '12000 IDR'])
      expect({ MONEY, found: contradictions('refund-done', locale, { MONEY }) }).toEqual({
        MONEY,
        found: ['claim-currency'],
      });
    for (const key of ['where-is-my-order', 'delayed'])
      for (const DATE of ['2026-03-15', '2025-12-31', '2026-01-02', '2025-03-25'])
        expect({ key, DATE, found: contradictions(key, locale, { DATE }) }).toEqual({
          key,
          DATE,
          found: ['claim-date'],
        });
  },
);
