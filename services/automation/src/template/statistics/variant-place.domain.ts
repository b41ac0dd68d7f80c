interface Variant {
  readonly locale: string;
  readonly market: string | null;
  readonly channel: string | null;
}

/** What stays the same when the words of a variant are replaced. */
export function variantPlace({ locale, market, channel }: Variant): string {
  return JSON.stringify([locale, market, channel]);
}

/** The version in which each place got the text that it has now, from all versions of a template in their order. */
export function changedIn(
  history: readonly (Variant & { readonly version: number; readonly text: string })[],
): Map<string, number> {
  const latest = new Map<string, { readonly text: string; readonly version: number }>();
  for (const variant of history) {
    const place = variantPlace(variant);
    if (latest.get(place)?.text !== variant.text) latest.set(place, variant);
  }
  return new Map([...latest].map(([place, { version }]) => [place, version]));
}
