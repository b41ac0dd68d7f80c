import { readText } from '../rule/phrase.domain.ts';

const greetings = new Set(
  [
    ...[
      'hi',
      'hello',
      'hey',
      'hi there',
      'hello there',
      'good morning',
      'good afternoon',
      'good evening',
      'dear seller',
    ],
    ...[
      '你好',
      '您好',
      '在吗',
      '在嗎',
      '亲',
      '哈喽',
      'hola',
      'buenas',
      'buenos días',
      'buenas tardes',
      'olá',
      'oi',
      'bom dia',
    ],
    ...['boa tarde', 'hallo', 'guten tag', 'guten morgen', 'moin', 'bonjour', 'salut', 'bonsoir', 'ciao', 'buongiorno'],
    ...[
      'こんにちは',
      'はじめまして',
      '안녕하세요',
      '안녕',
      'здравствуйте',
      'привет',
      'добрый день',
      'вітаю',
      'добрий день',
    ],
    ...[
      'halo',
      'hai',
      'selamat pagi',
      'selamat siang',
      'xin chào',
      'chào shop',
      'shop ơi',
      'สวัสดี',
      'สวัสดีค่ะ',
      'สวัสดีครับ',
    ],
    ...['merhaba', 'selam', 'مرحبا', 'السلام عليكم', 'dzień dobry', 'cześć', 'goedemorgen', 'hoi', 'שלום', 'היי'],
  ].map((words) => readText(words).letters),
);

/** Whether a text only greets, or has no words at all: who greets goes on writing, and nobody has to be called. */
export function isGreeting(text: string): boolean {
  const { letters } = readText(text);
  return letters === '' ? text !== '' : greetings.has(letters);
}

const lettersMin = 10;
/** Han, kana, Hangul and Thai tell their language with a word. */
const tellingScripts = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Whether a text is long enough for its language to be told from it. */
export function tellsLanguage(text: string): boolean {
  return tellingScripts.test(text) || readText(text).letters.length >= lettersMin;
}
