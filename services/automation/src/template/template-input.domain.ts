import { canonicalLocale, checkPattern, type Variable } from '@crossdesk/message-template';
import { accept, type Decision, refuseText, type UserError } from '@crossdesk/service-kit/decision';
import type { TemplateContent, VariantContent } from './template.domain.ts';

type Problem = UserError<'INVALID_INPUT'>;

const nameCharactersMax = 100;
const variablesMax = 30;
const fallbackLocalesMax = 10;
const variantsMax = 100;
/** So that a template with all its variants is read and sent at once. */
const textCharactersMax = 100_000;
const problemsMax = 20;

/**
 * Decodes what people write: locales and markets get their usual spelling, the variants an order. Every text is checked
 * for its language, so that a template that was accepted can be rendered. All problems are named at once.
 */
export function readContent(key: string, content: TemplateContent): Decision<TemplateContent, 'INVALID_INPUT'> {
  const fallbacks = content.fallbackLocales.map(canonicalLocale);
  const fallbackLocales = fallbacks.flatMap((locale) => locale ?? []);
  const variants = content.variants.map(usualSpelling).toSorted(byPlace);
  const sizes = sizeProblems(content.variants);
  const problems = [
    ...keyProblems(key),
    ...(refuseText('name', content.name, nameCharactersMax)?.errors ?? []),
    ...variableProblems(content.variables),
    ...fallbackProblems(fallbacks),
    ...sizes,
    ...(sizes.length > 0 ? [] : content.variants.flatMap((variant, n) => variantProblems(variant, n, content))),
  ];
  if (problems.length > 0) return { ok: false, errors: problems.slice(0, problemsMax) };
  return accept({ ...content, name: content.name.trim(), fallbackLocales, variants });
}

function invalid(path: readonly (string | number)[], message: string): Problem {
  return { code: 'INVALID_INPUT', message, path: ['input', ...path.map(String)] };
}

function keyProblems(key: string): Problem[] {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(key)) return [];
  return [invalid(['key'], 'The key has to be 1 to 63 lower-case letters, digits and dashes.')];
}

function variableProblems(variables: readonly Variable[]): Problem[] {
  if (variables.length > variablesMax)
    return [invalid(['variables'], `At most ${variablesMax} variables are allowed.`)];
  return variables.flatMap(({ name }, n) => {
    if (!/^[a-z][a-zA-Z0-9]{0,39}$/.test(name)) {
      const message =
        'A name begins with a small letter and has at most 40 letters and digits, for instance trackingNumber.';
      return [invalid(['variables', n, 'name'], message)];
    }
    const isRepeated = variables.findIndex((variable) => variable.name === name) < n;
    return isRepeated ? [invalid(['variables', n, 'name'], `There is a variable ${name} already.`)] : [];
  });
}

function fallbackProblems(locales: readonly (string | null)[]): Problem[] {
  if (locales.length > fallbackLocalesMax)
    return [invalid(['fallbackLocales'], `At most ${fallbackLocalesMax} languages are allowed.`)];
  return locales.flatMap((locale, n) => (locale === null ? [invalid(['fallbackLocales', n], noLocale)] : []));
}

function sizeProblems(variants: readonly VariantContent[]): Problem[] {
  if (variants.length === 0) return [invalid(['variants'], 'A template needs at least one variant: write one.')];
  if (variants.length > variantsMax) return [invalid(['variants'], `At most ${variantsMax} variants are allowed.`)];
  const characters = variants.reduce((sum, { text }) => sum + text.length, 0);
  if (characters <= textCharactersMax) return [];
  return [invalid(['variants'], `The texts have ${characters} characters; at most ${textCharactersMax} are allowed.`)];
}

const noLocale = 'This is no language: write BCP 47, for instance pt-BR.';

function variantProblems(variant: VariantContent, n: number, { variables, variants }: TemplateContent): Problem[] {
  const locale = canonicalLocale(variant.locale);
  if (locale === null) return [invalid(['variants', n, 'locale'], noLocale)];
  const place = placeOf(usualSpelling(variant));
  const isRepeated = variants.findIndex((other) => placeOf(usualSpelling(other)) === place) < n;
  const market = usualSpelling(variant).market;
  return [
    ...(isRepeated
      ? [invalid(['variants', n], 'There is a variant for this language, market and channel already.')]
      : []),
    ...(market === null || /^[A-Z]{2}$/.test(market)
      ? []
      : [invalid(['variants', n, 'market'], 'A market is the code of a country: two letters, for instance DE.')]),
    ...checkPattern(variant.text, locale, variables).map(({ message, offset }) =>
      invalid(['variants', n, 'text'], `Character ${offset + 1}: ${message}`),
    ),
  ];
}

function usualSpelling(variant: VariantContent): VariantContent {
  const { locale, market } = variant;
  return { ...variant, locale: canonicalLocale(locale) ?? locale, market: market?.toUpperCase() ?? null };
}

function placeOf({ locale, market, channel }: VariantContent): string {
  return [locale, market ?? '', channel ?? ''].join(' ');
}

function byPlace(one: VariantContent, other: VariantContent): number {
  return placeOf(one) < placeOf(other) ? -1 : 1;
}
