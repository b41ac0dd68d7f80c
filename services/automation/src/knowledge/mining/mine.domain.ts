import { isUnspaced } from '@crossdesk/folded-text';
import { generalised } from '../generalised.domain.ts';

/** A message of a conversation, in its order. */
export interface Spoken {
  readonly author: string;
  readonly text: string;
}

export interface Mined {
  readonly title: string;
  readonly body: string;
  readonly questions: readonly string[];
}

const titleCharactersMax = 200;
const questionCharactersMax = 300;
const questionsMax = 10;
const bodyCharactersMax = 20_000;
/** Shorter replies are no answer; a sign of Han, kana or Thai counts as three letters. */
const answerLettersMin = 15;

/**
 * What a solved conversation may teach others: what the buyer asked, and what people answered, without greetings, names,
 * numbers and addresses. Null if nobody asked or nobody answered.
 */
export function mine(spoken: readonly Spoken[], isQuestion: (text: string) => boolean): Mined | null {
  const names = namesIn(spoken);
  const clean = (text: string) => withoutNames(generalised(withoutCourtesy(text)), names).trim();
  const asked = spoken.filter(({ author, text }) => author === 'buyer' && isQuestion(text));
  const questions = unique(
    asked.map(({ text }) => clean(text).replaceAll(/\s+/g, ' ').slice(0, questionCharactersMax)),
  );
  const first = spoken.findIndex(({ author, text }) => author === 'buyer' && isQuestion(text));
  const answers = spoken.slice(first).filter(({ author }) => author === 'agent' || author === 'seller');
  const body = unique(answers.map(({ text }) => clean(text)).filter((text) => lettersIn(text) >= answerLettersMin));
  const [title] = questions;
  if (title === undefined || body.length === 0) return null;
  return {
    title: title.slice(0, titleCharactersMax),
    body: body.join('\n\n').slice(0, bodyCharactersMax),
    questions: questions.slice(0, questionsMax),
  };
}

function lettersIn(text: string): number {
  return [...text].reduce((sum, letter) => sum + (isUnspaced(letter.charCodeAt(0)) ? 3 : 1), 0);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}

/** In the languages of the starter templates. */
const greeting =
  /^\s*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|sehr geehrte[rs]?|guten (?:tag|morgen|abend)|bonjour|chère?|cher|salut|hola|estimad[oa]|buen[oa]s (?:d[ií]as|tardes|noches)|olá|ola|prezad[oa]|bom dia|boa (?:tarde|noite)|ciao|gentile|buongiorno|salve|halo|xin chào|chào|สวัสดี|здравствуйте|привет|مرحبا|亲爱的|親愛的|亲|您好|你好|こんにちは|안녕하세요)/iu;
/** Behind a greeting: at most three names, and a sign that ends it. */
const addressed =
  /^((?:[ \t]{1,3}\p{Lu}[\p{L}\p{M}'.-]{0,20}){0,3}|[ \t]{0,3}[\p{Script=Han}\p{Script=Hangul}]{1,4})[ \t]{0,3}[,，!！。.\n:：~]\s*/u;
const closing =
  /\n[ \t]*(?:(?:best|kind|warm) (?:regards|wishes)|regards|sincerely|yours|cheers|mit freundlichen grüßen|viele grüße|liebe grüße|cordialement|bien à vous|saludos|atentamente|atenciosamente|abraços|cordiali saluti|此致|敬上|よろしくお願い)[\s\S]{0,200}$/iu;
const introduced =
  /(my name is|i am called|ich heiße|mein name ist|je m'appelle|me llamo|meu nome é|mi chiamo)[ \t]{1,3}([\p{L}\p{M}'-]{1,30}(?: [\p{L}\p{M}'-]{1,30})?)/iu;

function withoutCourtesy(text: string): string {
  const greeted = greeting.exec(text)?.[0] ?? '';
  const behind = text.slice(greeted.length);
  const body = greeted === '' ? text : addressed.test(behind) ? behind.replace(addressed, '') : text;
  return body.replace(closing, '').replace(introduced, '$1 [name]');
}

/** The names that people address each other with, or give themselves. */
function namesIn(spoken: readonly Spoken[]): Set<string> {
  const words = spoken.flatMap(({ text }) => {
    const greeted = greeting.exec(text)?.[0] ?? '';
    const named = greeted === '' ? '' : (addressed.exec(text.slice(greeted.length))?.[1] ?? '');
    return [...named.split(/\s+/), ...(introduced.exec(text)?.[2]?.split(/\s+/) ?? [])];
  });
  return new Set(words.filter((word) => /^\p{Lu}\p{L}{2,}$/u.test(word)));
}

function withoutNames(text: string, names: ReadonlySet<string>): string {
  return text.replaceAll(/[\p{L}\p{M}]+/gu, (word) => (names.has(word) ? '[name]' : word));
}
