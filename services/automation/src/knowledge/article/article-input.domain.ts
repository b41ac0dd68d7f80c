import { canonicalLocale } from '@crossdesk/message-template';
import { accept, type Decision, refuseText, type UserError } from '@crossdesk/service-kit/decision';
import type { Intent } from '../../analysis/labels.domain.ts';
import type { ArticleScope, NewContent, TextContent } from './article.domain.ts';

type Problem = UserError<'INVALID_INPUT'>;

const textsMax = 40;
const titleCharactersMax = 200;
const bodyCharactersMax = 20_000;
const questionsMax = 30;
const questionCharactersMax = 300;
/** So that an article with all its words is read at once. */
const charactersMax = 200_000;
const marketsMax = 100;
const skusMax = 500;
const skuCharactersMax = 100;
const problemsMax = 20;

/** What a caller writes. */
export interface WrittenContent extends ArticleScope {
  readonly texts: readonly (TextContent & { readonly isChecked: boolean })[];
}

/**
 * Decodes what people write: locales and markets get their usual spelling, texts an order. All problems are named at
 * once.
 */
export function readArticle(
  key: string,
  written: WrittenContent,
  intentsOf: (text: TextContent) => readonly Intent[],
): Decision<NewContent, 'INVALID_INPUT'> {
  const originalLocale = canonicalLocale(written.originalLocale) ?? written.originalLocale;
  const texts = written.texts.map((text) => ({ ...tidied(text), locale: canonicalLocale(text.locale) ?? text.locale }));
  const markets = [...new Set(written.markets.map((market) => market.toUpperCase()))].sort();
  const skus = [...new Set(written.skus.map((sku) => sku.trim()))].sort();
  const problems = [
    ...keyProblems(key),
    ...scopeProblems({ ...written, markets, skus }),
    ...textProblems(texts),
    ...(texts.some(({ locale }) => locale === originalLocale)
      ? []
      : [invalid(['originalLocale'], 'None of the texts is in this language: write the original too.')]),
  ];
  if (problems.length > 0) return { ok: false, errors: problems.slice(0, problemsMax) };
  const understood = texts.map((text) => ({ ...text, intents: intentsOf(text) }));
  return accept({
    ...written,
    markets,
    skus,
    originalLocale,
    texts: understood.toSorted((one, other) => (one.locale < other.locale ? -1 : 1)),
  });
}

function tidied(text: WrittenContent['texts'][number]) {
  const questions = [...new Set(text.questions.map((question) => question.trim()))];
  return { ...text, title: text.title.trim(), body: text.body.trim(), questions };
}

function invalid(path: readonly (string | number)[], message: string): Problem {
  return { code: 'INVALID_INPUT', message, path: ['input', ...path.map(String)] };
}

function keyProblems(key: string): Problem[] {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(key)) return [];
  return [invalid(['key'], 'The key has to be 1 to 63 lower-case letters, digits and dashes.')];
}

function scopeProblems({ markets, skus, validFrom, validTo }: ArticleScope): Problem[] {
  const isBackwards = validFrom !== null && validTo !== null && validTo <= validFrom;
  const isNoMarket = markets.some((market) => !/^[A-Z]{2}$/.test(market));
  const isNoSku = skus.some((sku) => sku === '' || sku.length > skuCharactersMax);
  return [
    ...(markets.length > marketsMax ? [invalid(['markets'], `At most ${marketsMax} markets are allowed.`)] : []),
    ...(isNoMarket ? [invalid(['markets'], 'A market is the code of a country: two letters, for instance DE.')] : []),
    ...(skus.length > skusMax ? [invalid(['skus'], `At most ${skusMax} products are allowed.`)] : []),
    ...(isNoSku ? [invalid(['skus'], `A SKU has 1 to ${skuCharactersMax} characters.`)] : []),
    ...(isBackwards ? [invalid(['validTo'], 'It ends before it begins: choose a later validTo.')] : []),
  ];
}

function textProblems(texts: readonly TextContent[]): Problem[] {
  if (texts.length > textsMax) return [invalid(['texts'], `At most ${textsMax} languages are allowed.`)];
  const characters = texts.reduce((sum, text) => sum + lengthOf(text), 0);
  if (characters > charactersMax)
    return [invalid(['texts'], `The texts have ${characters} characters; at most ${charactersMax} are allowed.`)];
  return texts.flatMap((text, n) => [
    ...localeProblems(text, n, texts),
    ...wordProblems(text).map(({ message, path }) => invalid(['texts', n, ...path.slice(1)], message)),
  ]);
}

function lengthOf({ title, body, questions }: TextContent): number {
  return title.length + body.length + questions.reduce((sum, question) => sum + question.length, 0);
}

function localeProblems({ locale }: TextContent, n: number, texts: readonly TextContent[]): Problem[] {
  if (canonicalLocale(locale) === null)
    return [invalid(['texts', n, 'locale'], 'This is no language: write BCP 47, for instance pt-BR.')];
  const isRepeated = texts.findIndex((other) => other.locale === locale) < n;
  return isRepeated ? [invalid(['texts', n, 'locale'], `There is a text in ${locale} already.`)] : [];
}

function wordProblems({ title, body, questions }: TextContent): Problem[] {
  if (questions.length > questionsMax)
    return [invalid(['questions'], `At most ${questionsMax} questions are allowed.`)];
  return [
    ...(refuseText('title', title, titleCharactersMax)?.errors ?? []),
    ...(refuseText('body', body, bodyCharactersMax)?.errors ?? []),
    ...questions.flatMap((question) => refuseText('questions', question, questionCharactersMax)?.errors ?? []),
  ];
}
