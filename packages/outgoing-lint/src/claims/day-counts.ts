import type { Place } from '../finding.ts';
import { numbersIn } from '../text/numbers.ts';

/** A number and the word for days behind it, in the languages of the tone. */
const counted =
  /(\p{Nd}{1,3}) ?(?:calendar |kalender|natural )?(?:days?|天|日(?!期)|tagen?|jours?|días|dias|giorni|dagen|dni|dnů|dní|дней|дня|дні|днів|gün|يوما|يوم|أيام|ימים|יום|일|hari|ngày|วัน|dagar|दिन)/giu;

/** Numbers of days in a text. */
export function spansOfDays(text: string): (Place & { readonly days: number })[] {
  return [...text.matchAll(counted)].flatMap(({ 0: whole, 1: digits = '', index }) => {
    const days = numbersIn(digits)[0]?.readings[0];
    return days === undefined ? [] : [{ start: index, end: index + whole.length, days }];
  });
}
