import { differingNumbers } from '@crossdesk/outgoing-lint/text';
import type { TemplateVariant } from '../template.domain.ts';
import { variantPlace } from './variant-place.domain.ts';

export const staleKinds = [
  'not-used',
  'original-changed',
  'numbers-differ',
  'refused-often',
  'unknown-variable',
] as const;
export type StaleKind = (typeof staleKinds)[number];

export interface StaleReason {
  readonly kind: StaleKind;
  readonly about: readonly string[];
  readonly message: string;
}

interface Template {
  readonly variables: readonly { readonly name: string }[];
  readonly fallbackLocales: readonly string[];
  readonly variants: readonly TemplateVariant[];
  readonly createdAt: Date;
}

/** What is known of the use of a template within the last 90 days. */
export interface RecentUse {
  readonly lastSentAt: Date | null;
  readonly decided: number;
  /** Refusals by their code. */
  readonly refusals: ReadonlyMap<string, number>;
  readonly isSentByRules: boolean;
  /** The version in which the text of each place was changed last. */
  readonly changedIn: ReadonlyMap<string, number>;
}

const recentDays = 90;
const dayMs = 86_400_000;
const decidedMin = 10;
const refusedShareMin = 0.2;

/** What a conversation was like, not the template: a person or the buyer was faster. */
const outsideCodes = new Set(['TURN_TAKEN', 'NEWER_MESSAGE', 'ERASED', 'FORBIDDEN', 'NOT_FOUND']);

/** The last 90 days with today, by whole days: all templates of an operation are read at once. */
export function recentPeriod(now: Date): { readonly from: Date; readonly to: Date } {
  const today = now.getTime() - (now.getTime() % dayMs);
  return { from: new Date(today - recentDays * dayMs), to: new Date(today + dayMs) };
}

/** Why somebody should look at a template again. `sources` are the variables that an order gives. */
export function staleReasons(
  template: Template,
  use: RecentUse,
  { sources, now }: { readonly sources: readonly string[]; readonly now: Date },
): StaleReason[] {
  return [
    ...notUsed(template, use, now),
    ...originalChanged(template, use),
    ...numbersDiffer(template),
    ...refusedOften(use),
    ...unknownVariable(template, use, sources),
  ];
}

function notUsed({ createdAt }: Template, { lastSentAt }: RecentUse, now: Date): StaleReason[] {
  const last = lastSentAt ?? createdAt;
  if (now.getTime() - last.getTime() < recentDays * dayMs) return [];
  return [{ kind: 'not-used', about: [], message: `Nobody has sent it for ${recentDays} days.` }];
}

function originalOf({ variants, fallbackLocales }: Template): TemplateVariant | undefined {
  return variants.find(
    ({ locale, market, channel }) => locale === fallbackLocales[0] && market === null && channel === null,
  );
}

function originalChanged(template: Template, { changedIn }: RecentUse): StaleReason[] {
  const original = originalOf(template);
  if (original === undefined) return [];
  const versionOf = (variant: TemplateVariant) => changedIn.get(variantPlace(variant)) ?? 0;
  const older = template.variants.filter((variant) => versionOf(variant) < versionOf(original));
  if (older.length === 0) return [];
  const about = [...new Set(older.map(({ locale }) => locale))];
  const message = `The text in ${original.locale} was changed after the translations: ${about.join(', ')}.`;
  return [{ kind: 'original-changed', about, message }];
}

/** Days, amounts and other numbers that people wrote into the words; variables have the same value everywhere. */
function numbersDiffer(template: Template): StaleReason[] {
  const original = originalOf(template);
  if (original === undefined) return [];
  const isApart = ({ text }: TemplateVariant) => differingNumbers(wordsOf(original.text), wordsOf(text)).length > 0;
  const about = [...new Set(template.variants.filter(isApart).map(({ locale }) => locale))];
  const message = `The numbers are not those of the text in ${original.locale}: ${about.join(', ')}.`;
  return about.length === 0 ? [] : [{ kind: 'numbers-differ', about, message }];
}

/** The words without variables; plurals are variables within variables. */
function wordsOf(pattern: string): string {
  const without = pattern.replaceAll(/\{[^{}]*\}/g, ' ');
  return without === pattern ? pattern : wordsOf(without);
}

function refusedOften({ decided, refusals }: RecentUse): StaleReason[] {
  const own = [...refusals].filter(([code]) => !outsideCodes.has(code));
  const refused = own.reduce((sum, [, count]) => sum + count, 0);
  if (decided < decidedMin || refused < decided * refusedShareMin) return [];
  const about = own.map(([code]) => code);
  return [
    { kind: 'refused-often', about, message: `${refused} of ${decided} messages were refused: ${about.join(', ')}.` },
  ];
}

function unknownVariable(
  { variables }: Template,
  { isSentByRules }: RecentUse,
  sources: readonly string[],
): StaleReason[] {
  const about = variables.map(({ name }) => name).filter((name) => !sources.includes(name));
  if (!isSentByRules || about.length === 0) return [];
  return [
    { kind: 'unknown-variable', about, message: `A rule sends it, and nothing gives a value to ${about.join(', ')}.` },
  ];
}
