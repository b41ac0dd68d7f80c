import { expect, test } from '@jest/globals';
import { checkPattern, renderBest, type Variable, variableTypes } from '@crossdesk/message-template';
import { starterPack } from './load-templates.ts';
import { starterLocales, type StarterTemplate } from './templates/starter-template.ts';

const values = { TEXT: 'Lamp', NUMBER: '2', DATE: '2026-03-02', MONEY: '12.50 EUR' } as const;

function variablesOf({ variables }: StarterTemplate): Variable[] {
  return Object.entries(variables).map(([name, written]) => {
    const type = variableTypes.find((candidate) => candidate === written.toLowerCase());
    if (type === undefined) throw new Error(`there is no type ${written}`);
    return { name, type };
  });
}

const cases = starterPack.flatMap((template) =>
  starterLocales.map((locale) => [template.key, locale, template] as const),
);

test('there is a template for each of twelve situations', () => {
  expect(new Set(starterPack.map(({ situation }) => situation)).size).toBe(12);
  expect(new Set(starterPack.map(({ key }) => key)).size).toBe(12);
});

test.each(cases)('%s in %s shows all its variables, and promises nothing else', (_, locale, template) => {
  const text = template.texts[locale];
  const variables = variablesOf(template);
  expect(checkPattern(text, locale, variables)).toEqual([]);
  for (const { name } of variables) expect(text).toContain(`{${name}`);
  // Numbers, amounts and days come from variables only; marketplaces forbid links and requests for reviews.
  expect(text.replaceAll(/\{[^{}]*\}/g, '')).not.toMatch(/\d|%|https?:|www\.|@|review|rating|stars|评价|好评/i);
  const given = new Map(Object.entries(template.variables).map(([name, type]) => [name, values[type]]));
  const variant = { locale, market: null, channel: null, isEnabled: true, text };
  const recipient = { locale, market: null, channel: null, fallbackLocales: [] };
  expect(renderBest({ variables, variants: [variant] }, recipient, given).best?.text).not.toMatch(/[{}]/);
});
