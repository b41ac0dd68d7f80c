import { isSameLanguage, regionOf } from './locale.ts';

/** What decides whom a variant is for; null: for all. */
export interface VariantKey {
  readonly locale: string;
  readonly market: string | null;
  readonly channel: string | null;
  readonly isEnabled: boolean;
}

/** Whom a message is for. */
export interface Recipient {
  readonly locale: string;
  /** ISO 3166-1; null: unknown. */
  readonly market: string | null;
  readonly channel: string | null;
  /** The languages to try when there is no variant in the language of the recipient, the best one first. */
  readonly fallbackLocales: readonly string[];
}

export type Misfit = 'DISABLED' | 'OTHER_CHANNEL' | 'OTHER_MARKET' | 'OTHER_LANGUAGE';

interface Ranking<Variant> {
  /** The variants that may be used, the best one first. */
  readonly fitting: readonly Variant[];
  readonly others: readonly { readonly variant: Variant; readonly misfit: Misfit }[];
}

/**
 * Orders the variants of a template for a recipient. The language decides first: the same locale, the language as the
 * market writes it, the language, then each fallback. Within a language the narrowest variant is best: for channel and
 * market, for the channel, for the market, for all.
 */
export function rankVariants<Variant extends VariantKey>(
  variants: readonly Variant[],
  recipient: Recipient,
): Ranking<Variant> {
  const judged = variants.map((variant) => ({ variant, misfit: misfitOf(variant, recipient) }));
  const fitting = judged
    .flatMap(({ variant, misfit }) => (misfit === null ? [{ variant, rank: rankOf(variant, recipient) }] : []))
    .toSorted((a, b) => compare(a.rank, b.rank));
  return {
    fitting: fitting.map(({ variant }) => variant),
    others: judged.flatMap(({ variant, misfit }) => (misfit === null ? [] : [{ variant, misfit }])),
  };
}

function misfitOf(variant: VariantKey, recipient: Recipient): Misfit | null {
  if (!variant.isEnabled) return 'DISABLED';
  if (variant.channel !== null && variant.channel !== recipient.channel) return 'OTHER_CHANNEL';
  if (variant.market !== null && variant.market !== recipient.market) return 'OTHER_MARKET';
  return languageRank(variant.locale, recipient) === null ? 'OTHER_LANGUAGE' : null;
}

/** The names at the end make the order the same on every machine, whatever the order of the rows. */
function rankOf(variant: VariantKey, recipient: Recipient): readonly (number | string)[] {
  const width = variant.channel === null ? (variant.market === null ? 3 : 2) : variant.market === null ? 1 : 0;
  return [
    languageRank(variant.locale, recipient) ?? 0,
    width,
    variant.locale,
    variant.market ?? '',
    variant.channel ?? '',
  ];
}

/** How far a locale is from the wish: less is better; null: nobody reads it. */
function languageRank(locale: string, { locale: wanted, market, fallbackLocales }: Recipient): number | null {
  if (locale === wanted) return 0;
  if (isSameLanguage(locale, wanted)) {
    const region = regionOf(locale);
    if (region !== null && region === market) return 1;
    return region === null ? 2 : 3;
  }
  for (const [n, fallback] of fallbackLocales.entries()) {
    if (locale === fallback) return 4 + 2 * n;
    if (isSameLanguage(locale, fallback)) return 5 + 2 * n;
  }
  return null;
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [n, part] of a.entries()) {
    const other = b[n];
    if (other !== undefined && part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
