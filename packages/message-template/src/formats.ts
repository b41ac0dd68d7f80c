import { LRUCache } from 'lru-cache';

/** Making a format of `Intl` takes a hundred times as long as using it. */
function kept<Options, Made extends object>(make: (locale: string, options: Options) => Made) {
  const made = new LRUCache<string, Made>({ max: 300 });
  return (locale: string, options: Options): Made => {
    const key = `${locale} ${JSON.stringify(options)}`;
    const found = made.get(key) ?? make(locale, options);
    made.set(key, found);
    return found;
  };
}

export const numberFormat = kept((locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));
/** Dates are days of the calendar, at midnight in UTC. */
export const dateFormat = kept(
  (locale, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }),
);
export const pluralRules = kept((locale, options: Intl.PluralRulesOptions) => new Intl.PluralRules(locale, options));
