const names = new Set(
  'whatsapp whatsap wechat weixin telegram viber kakaotalk instagram facebook snapchat skype zalo'.split(' '),
);

/** Signs that look like a Latin letter: digits, Cyrillic and Greek. */
const letters: Readonly<Record<string, string>> = {
  '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i',
  а: 'a', в: 'b', е: 'e', к: 'k', м: 'm', н: 'h', о: 'o', р: 'p', с: 'c', т: 't', х: 'x', у: 'y', і: 'i', ѕ: 's', ԝ: 'w', һ: 'h',
  α: 'a', ε: 'e', ι: 'i', κ: 'k', ν: 'v', ο: 'o', ρ: 'p', τ: 't', ω: 'w',
}; // prettier-ignore

/** A word with signs inside of it. */
export const maybeDisguised = /[\p{L}\d@$][\p{L}\p{M}\d@$!._-]*[\p{L}\d@$]/gu;

/** The name of the messenger that a word looks like, or the word itself. */
export function withoutLookAlikes(word: string): string {
  const plain = word.normalize('NFD').replaceAll(/[\p{M}._-]/gu, '');
  const folded = [...plain].map((sign) => letters[sign] ?? sign).join('');
  return names.has(folded) ? folded : word;
}
