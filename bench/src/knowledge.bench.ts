import { createIndexBuilder, noKnowledge, search } from '@crossdesk/automation';
import { type ArticleId, newId } from '@crossdesk/contracts';
import { type Figure, percentile } from './figures.ts';

const articleCount = 20_000;
/** No multiple of the number of languages. */
const askedEach = 41;
const wordCount = 8_000;

/** Numbers that are the same in each run. */
function createRandom() {
  let state = 1;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const random = createRandom();
const starts = 'b br c ch d dr f fl g h j k l m n p pr qu r s st t tr v w'.split(' ');
const middles = 'a e i o u ai ea ou'.split(' ');
const ends = ['', '', 'n', 'r', 's', 't', 'll', 'ck'];
const oneOf = (parts: readonly string[]) => parts[random(parts.length)] ?? '';
const syllable = () => oneOf(starts) + oneOf(middles) + oneOf(ends);
const latin = Array.from({ length: wordCount }, () => Array.from({ length: 1 + random(3) }, syllable).join(''));
const signs = (first: number, count: number) =>
  Array.from({ length: wordCount }, () =>
    Array.from({ length: 1 + random(3) }, () => String.fromCharCode(first + random(count))).join(''),
  );
const vocabularies = [latin, signs(0x4e00, 2_000), latin, signs(0x0e01, 46), signs(0x0627, 36)];

/** Words as a language has them: few are frequent. */
function wordsOf(language: number, count: number): string {
  const vocabulary = vocabularies[language] ?? latin;
  const isSpaced = language !== 1 && language !== 3;
  const words = Array.from({ length: count }, () => vocabulary[Math.floor(random(wordCount) ** 2 / wordCount)]);
  return words.join(isSpaced ? ' ' : '');
}

const always = { validFrom: null, validTo: null, reviewBy: null };
const scope = { type: 'faq', isForBuyers: true, channel: null, markets: [], skus: [], originalLocale: 'en' } as const;

/** Looks questions up in the articles of a large workspace. */
export function benchKnowledge(): Figure[] {
  const builder = createIndexBuilder(noKnowledge);
  const startedAt = performance.now();
  const questions: string[] = [];
  for (let n = 0; n < articleCount; n += 1) {
    const language = n % vocabularies.length;
    const [title, question, body] = [wordsOf(language, 6), wordsOf(language, 8), wordsOf(language, 60)];
    if (n % askedEach === 0) questions.push(`${title} ${wordsOf(language, 3)}`);
    const text = { locale: 'en', title, body, questions: [question], intents: [], version: 1 };
    const content = { ...scope, ...always, texts: [text] };
    builder.add({ articleId: newId<ArticleId>(), version: 1, content });
  }
  const index = builder.finish();
  const builtMs = Math.round(performance.now() - startedAt);
  const nobody = { sku: null, market: null, channel: null, isForBuyers: true, now: new Date() };
  const times = questions.map((text) => {
    const begin = performance.now();
    search(index, { text, locale: 'en', intents: [] }, nobody);
    return performance.now() - begin;
  });
  const p95 = percentile(times, 0.95);
  const megabytes = Math.round(index.segments.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6);
  const detail = `p50 ${percentile(times, 0.5).toFixed(1)} ms; built in ${builtMs} ms, ${megabytes} MB`;
  const name = 'knowledge: a question to 20,000 articles, p95';
  return [{ name, value: p95, unit: 'ms', target: '<= 10', isReached: p95 <= 10, detail }];
}
