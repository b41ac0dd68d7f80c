export type { Calendar, CalendarException, Minutes, WeeklyInterval } from './calendar.ts';
export { type CalendarProblem, isDate, isZone, problemOfCalendar } from './check-calendar.ts';
export { dueTime, type Pause, type Started, usedMs } from './due-time.ts';
export { openSpans, type OpenSpan } from './open-spans.ts';
export { localDate, type OpenTimes, openTimesOf, wallClock } from './open-times.ts';
