const pauseMsMax = 3_600_000;

/** The pause in `Retry-After`, given as seconds or as a date, at most an hour; otherwise the usual pause. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: Date, usualMs: number): number {
  const value = headers['retry-after']?.trim() ?? '';
  const askedMs = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return askedMs > 0 ? Math.min(askedMs, pauseMsMax) : usualMs;
}
