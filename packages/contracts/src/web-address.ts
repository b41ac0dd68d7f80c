/**
 * An http or https address in its normal form, without user name and password: it has no spaces, line breaks, double
 * quotes or angle brackets. Null for anything else, such as an id, `data:` or `javascript:`.
 */
export function webAddress(value: unknown): string | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return null;
  const url = new URL(value);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  url.username = '';
  url.password = '';
  return url.href;
}
