/** A day on which most people of a country do not work. */
export interface Holiday {
  /** The local date, such as 2026-10-01. */
  readonly date: string;
  readonly name: string;
}

const halfDayMs = 12 * 3_600_000;
const yearsAround = { min: 2000, max: 2100 };

/**
 * The public holidays of a country as the library knows them, a proposal: make-up days and days that only some people
 * have off are for the workspace to decide. Null: the country is not known.
 */
export async function publicHolidays(country: string, year: number, locale: string): Promise<Holiday[] | null> {
  // 1 MB of dates that few requests need.
  const { default: Holidays } = await import('date-holidays');
  if (year < yearsAround.min || year > yearsAround.max) return null;
  if (!/^[A-Z]{2}$/.test(country) || Holidays.prototype.getCountries.call(new Holidays())[country] === undefined)
    return null;
  const found = new Holidays(country).getHolidays(year, locale.split('-')[0]);
  // A day that begins at noon is free for some people only, as Women's Day in China.
  const isWhole = ({ start, end }: { readonly start: Date; readonly end: Date }) =>
    end.getTime() - start.getTime() > halfDayMs;
  return found
    .filter((day) => day.type === 'public' && isWhole(day))
    .map(({ date, name }) => ({ date: date.slice(0, 10), name }));
}
