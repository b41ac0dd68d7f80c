import { type PlainText, rewritten } from '../text/plain-text.ts';
import { maybeDisguised, withoutLookAlikes } from './look-alikes.ts';

const rewrites: readonly (readonly [RegExp, (match: string) => string])[] = [
  // 一三八 … : a number in Chinese words.
  [
    /[零〇一幺二两三四五六七八九](?:[ -]?[零〇一幺二两三四五六七八九]){6,}/gu,
    (run) => run.replaceAll(/[^ -]/gu, digitOf),
  ],
  // 1 3 8 0 … : a number with a blank or a point behind every digit.
  [/\b\d(?:[ .·-]\d){8,14}\b/g, (run) => run.replaceAll(/[^\d]/g, '')],
  // w-h-a-t-s-a-p-p: a word with a sign behind every letter.
  [/\b\p{L}(?:[ .·_-]\p{L}){5,20}\b/gu, (run) => run.replaceAll(/[^\p{L}]/gu, '')],
  // Whats-App, wh4tsapp, whаtsаpp: a name with other signs in it.
  [maybeDisguised, withoutLookAlikes],
  [/\bwhats? ?app(?=\b|s\b)/g, () => 'whatsapp'],
  [/ ?[([{] ?(?:at|@) ?[)\]}] ?/g, () => '@'],
  [/ ?[([{] ?(?:dot|\.|punkt|punto|point|点) ?[)\]}] ?/gu, () => '.'],
  [/ (?:dot|punkt) (?=(?:com|net|org|io|cn|shop|de)\b)/g, () => '.'],
  // A mailbox whose sign is spaced or written as a word, at one of the large providers.
  [
    / ?(?:@|\ba ?t\b|艾特) ?(?=(?:gmail|hotmail|outlook|yahoo|qq|163|126|icloud|foxmail|proton|gmx|web|naver|yandex|mail)\.)/gu,
    () => '@',
  ],
];

/** Undoes the ways in which addresses and numbers are disguised. */
export function undisguised(text: PlainText): PlainText {
  return rewrites.reduce((before, [pattern, write]) => rewritten(before, pattern, write), text);
}

const digits: Readonly<Record<string, string>> = {
  零: '0', 〇: '0', 一: '1', 幺: '1', 二: '2', 两: '2', 三: '3', 四: '4', 五: '5', 六: '6', 七: '7', 八: '8', 九: '9',
}; // prettier-ignore

function digitOf(character: string): string {
  return digits[character] ?? character;
}
