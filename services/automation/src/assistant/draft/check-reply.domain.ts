import { cutAt, findSpans, mayEqual, numbersIn, type PlacedSpan, wordsBetween } from '@crossdesk/outgoing-lint/text';
import type { DraftFinding, DraftFindingCode } from './draft-finding.domain.ts';
import type { DraftSources, Passage } from './reply-draft.domain.ts';
import { sideOf } from './reply-draft.domain.ts';
import { lint, type LintContext } from '@crossdesk/outgoing-lint';
import { giftsIn, promisesIn } from './promises.domain.ts';

export interface DraftToCheck {
  readonly text: string;
  readonly locale: string;
  /** The language that the text was found to be in; null if that is not sure. */
  readonly foundLanguage: string | null;
  readonly sources: DraftSources;
  /** The articles that it relies on. */
  readonly cited: readonly Passage[];
  readonly prompt: string;
  /** What the rules for every message to a buyer need to know. */
  readonly known: Pick<LintContext, 'channel' | 'market' | 'mood' | 'facts'>;
}

const error = (code: DraftFindingCode, part: string | null = null): DraftFinding => ({ code, isError: true, part });
const warning = (code: DraftFindingCode, part: string | null = null): DraftFinding => ({ code, isError: false, part });

/**
 * What is wrong with a draft, as if the model had obeyed whoever wrote to it. What the buyer said proves nothing: amounts,
 * addresses and promises have to come from the shop, its articles or the order.
 */
export function checkReply(draft: DraftToCheck): DraftFinding[] {
  const { text, sources, cited } = draft;
  const ours = [
    ...(sources.instruction === null ? [] : [sources.instruction]),
    ...sources.messages.filter(({ author }) => sideOf(author) === 'shop').map((message) => message.text),
    ...cited.map((passage) => passage.text),
  ];
  const facts = [...sources.order.values(), sources.now.toISOString().slice(0, 10)];
  const theirs = sources.messages.filter(({ author }) => sideOf(author) === 'buyer').map((message) => message.text);
  const spans = findSpans(text);
  return [
    ...spanFindings(spans, { trusted: [...ours, ...facts], said: theirs }),
    ...numberFindings(text, spans, { trusted: [...ours, ...facts], said: theirs }),
    ...promiseFindings(text, ours),
    ...formFindings(draft),
    ...ruleFindings(draft),
  ];
}

export function isRefused(findings: readonly DraftFinding[]): boolean {
  return findings.some(({ isError }) => isError);
}

/**
 * Whether a summary for colleagues may not be shown: it names an address, an amount or a number that nobody wrote, or has
 * the form of something else. What the buyer said may be in it, as all that was said.
 */
export function isSummaryRefused(summary: Omit<DraftToCheck, 'cited' | 'known'>): boolean {
  const { text, sources } = summary;
  const trusted = [
    ...sources.messages.map((message) => message.text),
    ...sources.order.values(),
    sources.now.toISOString().slice(0, 10),
  ];
  const known = { trusted, said: [] };
  const spans = findSpans(text);
  // A summary may count: two messages, three parcels.
  const numbers = numberFindings(text, spans, known).filter(({ part }) => !/^\p{Nd}$/u.test(part ?? ''));
  return isRefused([...spanFindings(spans, known), ...numbers, ...formFindings(summary)]);
}

interface Known {
  readonly trusted: readonly string[];
  /** By the buyer. */
  readonly said: readonly string[];
}

/** Addresses, contact data, and numbers of orders and parcels. */
function spanFindings(spans: readonly PlacedSpan[], { trusted, said }: Known): DraftFinding[] {
  const ours = trusted.join('\n').toLowerCase();
  const all = `${ours}\n${said.join('\n').toLowerCase()}`;
  return spans.flatMap(({ kind, text }) => {
    const isOurs = ours.includes(text.toLowerCase());
    if (kind === 'url') return isOurs ? [] : [error('link', text)];
    if (kind === 'email' || kind === 'phone') return isOurs ? [] : [error('contact', text)];
    // The buyer may name their own order; that it is theirs is for the person to see.
    if (kind === 'id') return all.includes(text.toLowerCase()) ? [] : [error('id', text)];
    return [];
  });
}

/** A number with a measure of time behind it, in the languages of the promises: `3 days`, `3 Werktage`, `3日以内`. */
const duration =
  /(\p{Nd}{1,4}) ?(?:-?(?:business|working|full) |volle |jours ouvr|días hábil|dias útei|giorni lavorativ|рабочих )?(?:day|hour|week|month|minute|tag|werktag|stunde|woche|monat|jour|heure|semaine|mois|día|hora|semana|mes|dia|giorn|ora\b|ore\b|settiman|dag|uur|uren|dni|dzień|godz|tydz|tygod|дн|дня|час|недел|тиж|годин|天|个工作日|工作日|营业日|営業日|日(?=以内|間|内|后|後)|小时|小時|時間|周|週|个月|시간|영업일|일(?= ?이내| ?안| ?내)|주|hari|jam|minggu|bulan|ngày|giờ|tuần|tháng|วัน|ชั่วโมง|สัปดาห์|gün|saat|hafta|يوم|أيام|ساعة|أسبوع|ימים|יום|שעות|שבוע)/giu;

/**
 * Amounts and shares have to come from us; so do lengths of time, for which the day of the month of an order is no source.
 * Other numbers may come from anywhere in the conversation.
 */
function numberFindings(text: string, spans: readonly PlacedSpan[], { trusted, said }: Known): DraftFinding[] {
  const hiding = new Set<string>(['url', 'email', 'id', 'phone']);
  const words = wordsBetween(
    cutAt(
      text,
      spans.filter(({ kind }) => hiding.has(kind)),
    ),
  );
  const ours = numbersIn(trusted.join('\n'));
  const oursWithoutDates = numbersIn(trusted.map(withoutDates).join('\n'));
  const theirs = numbersIn(said.join('\n'));
  const amounts = new Set(spans.filter(({ kind }) => kind === 'money').flatMap((span) => textsOf(span.text)));
  const durations = new Set([...words.matchAll(duration)].flatMap(([, digits = '']) => textsOf(digits)));
  return numbersIn(words).flatMap((number) => {
    const isOurs = (durations.has(number.text) ? oursWithoutDates : ours).some((known) => mayEqual(known, number));
    if (isOurs) return [];
    if (number.unit === '%' || amounts.has(number.text)) return [error('amount', number.text)];
    const isTheirs = theirs.some((known) => mayEqual(known, number));
    return [isTheirs ? warning('number', number.text) : error('number', number.text)];
  });
}

function textsOf(text: string): string[] {
  return numbersIn(text).map((number) => number.text);
}

function withoutDates(text: string): string {
  const dates = findSpans(text).filter(({ kind }) => kind === 'date');
  return wordsBetween(cutAt(text, dates));
}

/** A promise that we did not make before; and the bare word for a gift, which a person has to look at. */
function promiseFindings(text: string, ours: readonly string[]): DraftFinding[] {
  const given = giftsIn(ours.join('\n'));
  const gifts = [...giftsIn(text)].filter((gift) => !given.has(gift));
  if (gifts.length === 0) return [];
  const promises = promisesIn(text);
  return promises.length > 0 ? promises.map((part) => error('promise', part)) : [warning('gift')];
}

/** The rules that hold for every message to a buyer: of the platform, against the order, of tone. */
function ruleFindings({ text, locale, known }: DraftToCheck): DraftFinding[] {
  return lint(text, { ...known, language: locale, lowered: [] }).map(({ rule, severity, start, end }) => {
    const part = `${rule}: ${text.slice(start, end)}`;
    return severity === 'stop' ? error('rule', part) : warning('tone', part);
  });
}

const charactersMax = 3_000;
/** Pictures, links and headings of Markdown, and tags. A page opens a picture by itself, with what is in its address. */
const markup = /!\[|\]\(|<\/?[a-z!]|^#{1,6} |```/im;
/** Control characters, marks that turn the direction of a text, and letters that nobody sees. */
const hidden = /[\p{Cc}\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u;
const lettersToJudge = 40;

function formFindings({ text, locale, foundLanguage, prompt }: Omit<DraftToCheck, 'cited' | 'known'>): DraftFinding[] {
  const letters = text.replaceAll(/[^\p{L}]/gu, '').length;
  const isOther = foundLanguage !== null && baseOf(foundLanguage) !== baseOf(locale) && letters >= lettersToJudge;
  const rules = prompt.split('\n').filter((line) => line.length >= 40);
  return [
    ...(markup.test(text) ? [error('markup')] : []),
    ...(hidden.test(text.replaceAll(/[\t\n\r]/g, '')) ? [error('hidden-characters')] : []),
    ...(letters === 0 || text.length > charactersMax ? [error('length')] : []),
    ...(isOther ? [error('language')] : []),
    ...(rules.some((line) => text.includes(line.slice(0, 60))) ? [error('instructions')] : []),
  ];
}

function baseOf(locale: string): string {
  return locale.split('-', 1)[0]?.toLowerCase() ?? '';
}
