import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { detectLanguage } from './detect-language.ts';

type Corpus = Record<string, string[]>;

function readCorpus(file: string): Corpus {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../test', file), 'utf8')) as Corpus;
}

/** The number of recognised sentences of each language. */
function accuracyOf(corpus: Corpus) {
  const perLanguage = Object.entries(corpus).map(([language, sentences]) => {
    const right = sentences.filter((sentence) => detectLanguage(sentence).language === language).length;
    return { language, right, of: sentences.length, accuracy: right / sentences.length };
  });
  const right = perLanguage.reduce((sum, row) => sum + row.right, 0);
  const of = perLanguage.reduce((sum, row) => sum + row.of, 0);
  const shown = perLanguage.map((row) => `${row.language} ${row.right}/${row.of}`).join(', ');
  return { perLanguage, accuracy: right / of, shown: `${right}/${of} right: ${shown}\n` };
}

test('knows the language of short messages of buyers', () => {
  const { perLanguage, accuracy, shown } = accuracyOf(readCorpus('corpus.json'));
  process.stdout.write(shown);
  expect(perLanguage).toHaveLength(18);
  expect(accuracy).toBeGreaterThanOrEqual(0.97);
  for (const row of perLanguage) expect(row.accuracy).toBeGreaterThanOrEqual(0.85);
});

test('knows the language of sentences that were not used to tune it', () => {
  const { accuracy, shown } = accuracyOf(readCorpus('corpus-held-out.json'));
  process.stdout.write(shown);
  expect(accuracy).toBeGreaterThanOrEqual(0.85);
});

test('is more confident in right answers than in wrong ones', () => {
  const all = ['corpus.json', 'corpus-held-out.json'].flatMap((file) => Object.entries(readCorpus(file)));
  const answers = all.flatMap(([language, sentences]) =>
    sentences.map((text) => ({ ...detectLanguage(text), expected: language })),
  );
  const mean = (rows: typeof answers) => rows.reduce((sum, row) => sum + row.confidence, 0) / rows.length;
  const right = answers.filter((row) => row.language === row.expected);
  const wrong = answers.filter((row) => row.language !== row.expected);
  expect(mean(right)).toBeGreaterThan(0.8);
  expect(mean(right)).toBeGreaterThan(mean(wrong) + 0.1);
  expect(answers.every((row) => row.confidence >= 0 && row.confidence <= 1)).toBe(true);
});

test.each(['', '   ', '👍👍', '240918ABCX7', 'https://shop.example/item?id=7', '12.50 €', '???', 'a@b.example'])(
  'finds no language in %j',
  (text) => {
    expect(detectLanguage(text)).toMatchObject({ language: null, confidence: 0 });
  },
);

test.each([
  ['240918ABCX7の注文はどこですか', 'ja'],
  ['LX928374651CN 배송 언제', 'ko'],
  ['iPhone 15 Pro 的保护壳有吗', 'zh'],
  ['where is it? https://www.beispiel.example/wo-ist-meine-bestellung', 'en'],
  ['Де моє замовлення, воно ще не приїхало', 'uk'],
])('ignores numbers, links and brand names: %s', (text, language) => {
  expect(detectLanguage(text).language).toBe(language);
});

test('names the engine that decided, with its version', () => {
  expect(detectLanguage('배송 언제').engine).toBe('crossdesk-script/2');
  expect(detectLanguage('Where is my parcel?').engine).toBe('eld-xs/2.1.0');
  expect(detectLanguage('Bila nak hantar barang saya').engine).toBe('eld-xs/2.1.0+crossdesk-malay/2');
});
