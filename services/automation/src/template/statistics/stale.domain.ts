import type { TemplateVariant } from '../template.domain.ts';
import { variantPlace } from './variant-place.domain.ts';

export const staleKinds = ['not-used', 'original-changed', 'refused-often', 'unknown-variable'] as const;
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
    ...refusedOften(use),
    ...unknownVariable(template, use, sources),
  ];
}

function notUsed({ createdAt }: Template, { lastSentAt }: RecentUse, now: Date): StaleReason[] {
  const last = lastSentAt ?? createdAt;
  if (now.getTime() - last.getTime() < recentDays * dayMs) return [];
  return [{ kind: 'not-used', about: [], message: `Nobody has sent it for ${recentDays} days.` }];
}

function originalChanged({ variants, fallbackLocales }: Template, { changedIn }: RecentUse): StaleReason[] {
  const original = variants.find(({ locale, market, channel }) => {
    return locale === fallbackLocales[0] && market === null && channel === null;
  });
  if (original === undefined) return [];
  const changed = changedIn.get(variantPlace(original)) ?? 0;
  const older = variants.filter((variant) => (changedIn.get(variantPlace(variant)) ?? 0) < changed);
  if (older.length === 0) return [];
  const about = [...new Set(older.map(({ locale }) => locale))];
  return [
    {
      kind: 'original-changed',
      about,
      message: `The text in ${original.locale} was changed after the translations: ${about.join(', ')}.`,
    },
  ];
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
