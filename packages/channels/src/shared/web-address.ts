import { text } from './platform-json.ts';

/** An http or https address in its normal form; null for anything else, such as an id, `data:` or `javascript:`. */
export function webAddress(value: unknown): string | null {
  const address = text(value);
  if (address === null || !URL.canParse(address)) return null;
  const { protocol, href } = new URL(address);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
