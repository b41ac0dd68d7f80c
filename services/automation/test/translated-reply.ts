import type { Translate } from './engine-servers.ts';

/** English words that the engines of these tests know. */
const german: Readonly<Record<string, string>> = {
  'Your order': 'Ihre Bestellung',
  'was shipped on': 'wurde versandt am',
  'You get a refund of': 'Sie bekommen eine Erstattung von',
  'Follow it at': 'Verfolgen Sie sie unter',
  'It does not arrive today': 'Sie kommt heute nicht an',
};
export const toGerman: Translate = (text) =>
  Object.entries(german).reduce((rest, [english, words]) => rest.replaceAll(english, words), text);

export const reply = `Your order 240613ABCD9 was shipped on 2026-03-02. You get a refund of $12.50.
Follow it at https://track.example/240613ABCD9. It does not arrive today.`;
export const translated = `Ihre Bestellung 240613ABCD9 wurde versandt am 2026-03-02. Sie bekommen eine Erstattung von $12.50.
Verfolgen Sie sie unter https://track.example/240613ABCD9. Sie kommt heute nicht an.`;

/** An engine that damages what it gets, differently each time. */
export const damages: readonly ((text: string) => string)[] = [
  (text) => text.replaceAll(/<x[^>]*>[^<]*<\/x>|__PH\d+__/g, ''),
  (text) =>
    text.replaceAll(/id="(\d)"|__PH(\d)__/g, (_all, tag: string | undefined, word: string | undefined) =>
      tag === undefined ? `__PH${word}__ __PH${word}__` : 'id="9"',
    ),
  (text) => text.replaceAll('<x', '<b').replaceAll('__', '_'),
  (text) => `${text} https://evil.example/pay`,
  (text) => `${text} 250 days`,
  (text) =>
    text
      .replaceAll(/<x id="\d">([^<]*)<\/x>/g, '$1')
      .replaceAll('2', '3')
      .replaceAll('__PH', 'PH'),
  () => '',
  (text) => Array.from({ length: 8 }, () => text).join(' '),
];
