/** Whom a message is for. */
export interface Recipient {
  /** BCP 47; "und" if no language is known. */
  readonly locale: string;
  /** ISO 3166-1. */
  readonly market: string | null;
  readonly channel: string | null;
}

/** The recipient with what somebody gave instead of what is known. */
export function withGiven(
  known: Recipient,
  { locale, market }: { readonly locale: string | null; readonly market: string | null },
): Recipient {
  return { ...known, locale: locale ?? known.locale, market: market ?? known.market };
}
