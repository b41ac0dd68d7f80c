/** Minutes of a local day, half-open. More than 1,440: it ends on the next day, or at the end of that day. */
export interface Minutes {
  readonly fromMin: number;
  readonly toMin: number;
}

/** Hours that repeat every week. */
export interface WeeklyInterval extends Minutes {
  /** 1 is Monday, 7 is Sunday: the day on which it begins. */
  readonly weekday: number;
}

/** Hours of one date. A closure wins over everything that is open at that time, and ends with its day. */
export interface CalendarException extends Minutes {
  /** The local date, such as 2026-12-24. */
  readonly date: string;
  readonly kind: 'open' | 'closed';
}

/** When somebody works: (weekly hours + openings) - closures, in one time zone. */
export interface Calendar {
  /** An IANA time zone, such as Asia/Shanghai. */
  readonly zone: string;
  readonly weekly: readonly WeeklyInterval[];
  readonly exceptions: readonly CalendarException[];
}

export const minutesOfDay = 1_440;
export const intervalsPerWeekMax = 70;
export const exceptionsMax = 1_000;
