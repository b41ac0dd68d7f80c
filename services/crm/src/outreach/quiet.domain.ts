import { Temporal } from 'temporal-polyfill';

const firstHour = 9;
const endHour = 20;

/** When marketing may next go out in a zone (IANA): from 9 to 20 by its clocks. `now` itself if it may. */
export function nextAllowedAt(now: Date, zone: string): Date {
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone);
  if (local.hour >= firstHour && local.hour < endHour) return now;
  const day = local.hour < firstHour ? local.toPlainDate() : local.toPlainDate().add({ days: 1 });
  const first = day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from({ hour: firstHour }) });
  return new Date(first.epochMilliseconds);
}
