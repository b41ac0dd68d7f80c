import type { Hit, ToneRule } from '../finding.ts';
import { findPhrases, hasPhrase, type Phrases } from '../text/phrases.ts';
import { originOf, type PlainText, plain } from '../text/plain-text.ts';
import type { Sentence } from '../text/sentences.ts';
import { formal, informal } from '../words/address.ts';
import { blaming, caring, cold, rude } from '../words/tone.ts';

interface Toned {
  readonly language: string | null;
  readonly mood: 'calm' | 'tense' | 'angry' | null;
}

/** What of a message sounds rude, cold or unfitting in its language. */
export function toneHits(text: string, sentences: readonly Sentence[], { language, mood }: Toned): Hit[] {
  const base = language?.split('-', 1)[0]?.toLowerCase() ?? null;
  const searched = plain(text);
  const shouted = capitals(sentences);
  if (base === null) return shouted;
  return [
    ...shouted,
    ...wordsOf(searched, 'tone-rude', rude.get(base)),
    ...wordsOf(searched, 'tone-cold', cold.get(base)),
    ...wordsOf(searched, 'tone-blame', blaming.get(base)),
    ...mixedAddress(text, searched, base),
    ...plainEndings(sentences, base),
    ...(mood === 'angry' ? missingEmpathy(text, searched, caring.get(base)) : []),
  ];
}

function wordsOf(searched: PlainText, rule: ToneRule, phrases: Phrases = []): Hit[] {
  return findPhrases(phrases, searched.text).map((place) => ({ rule, ...originOf(searched, place) }));
}

/** Three words in capitals in a row; names of brands and ids are shorter or have digits. */
function capitals(sentences: readonly Sentence[]): Hit[] {
  return sentences.flatMap(({ text, start }) => {
    const found = /(?<![\p{L}\p{N}])\p{Lu}{2,20}[,!]? \p{Lu}{2,20}[,!]? \p{Lu}{2,20}(?![\p{L}\p{N}])/u.exec(text);
    return found === null
      ? []
      : [{ rule: 'tone-capitals' as const, start: start + found.index, end: start + found.index + found[0].length }];
  });
}

/** The formal and the informal word for the buyer in one message. In German the formal one has a capital. */
function mixedAddress(text: string, searched: PlainText, language: string): Hit[] {
  const isFormal =
    language === 'de'
      ? /(?:^|[^.!?\s] )(?:Sie|Ihnen|Ihre?[nmrs]?)(?![\p{L}])/u.test(text)
      : hasPhrase(formal.get(language) ?? [], searched.text);
  if (!isFormal) return [];
  return wordsOf(searched, 'tone-mixed-address', informal.get(language)).slice(0, 1);
}

const politeEndings: Readonly<Record<string, RegExp>> = {
  ja: /です|ます|ました|ません|ましょう|ください|下さい|ございま|でしょう|いただ|申し|願い|様/u,
  ko: /요|니다|니까|세요|시오|십시오|습니/u,
};

/** Japanese and Korean sentences that end as among friends. */
function plainEndings(sentences: readonly Sentence[], language: string): Hit[] {
  const polite = politeEndings[language];
  const script = language === 'ja' ? /[\p{Script=Hiragana}\p{Script=Katakana}]/u : /\p{Script=Hangul}/u;
  if (polite === undefined) return [];
  const spoken = sentences.filter(({ text }) => text.length > 5 && script.test(text));
  return spoken.some(({ text }) => polite.test(text)) || spoken.length === 0
    ? []
    : spoken.slice(0, 1).map(({ start, end }) => ({ rule: 'tone-no-honorific', start, end }));
}

function missingEmpathy(text: string, searched: PlainText, words: Phrases | undefined): Hit[] {
  if (words === undefined || text === '' || hasPhrase(words, searched.text)) return [];
  return [{ rule: 'tone-no-empathy', start: 0, end: text.length }];
}
