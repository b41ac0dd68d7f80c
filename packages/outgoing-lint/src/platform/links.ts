import { find } from 'linkifyjs';
import type { Place } from '../finding.ts';

/**
 * Country endings that are words in some language: without `https`, `www` or a path, such an address is a full stop with
 * the next word behind it.
 */
const wordEndings = new Set(
  'am as at be by do es fm gg hm id im in is it la le me my no of ok pe ph pm re sa se si sh so st su to tv us we'.split(
    ' ',
  ),
);

interface Link extends Place {
  /** In lower case. */
  readonly host: string;
}

/** Web addresses in a searched text. */
export function linksIn(text: string): Link[] {
  return find(text, 'url').flatMap(({ value, start, end }) => {
    const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
    if (!URL.canParse(address)) return [];
    const host = new URL(address).hostname.toLowerCase();
    const isBare = value.toLowerCase() === host && !host.startsWith('www.');
    return isBare && wordEndings.has(host.split('.').at(-1) ?? '') ? [] : [{ start, end, host }];
  });
}

/** E-mail addresses in a searched text. */
export function emailsIn(text: string): Place[] {
  return find(text, 'email').map(({ start, end }) => ({ start, end }));
}

const secondLevel = new Set(['co', 'com', 'net', 'org']);

/** Whether a host belongs to a brand: `www.shopee.com.my` to `shopee`, `shopee.example.com` to nobody. */
export function isHostOf(host: string, brands: readonly string[]): boolean {
  const labels = host.split('.').slice(0, -1);
  if (labels.length > 1 && secondLevel.has(labels.at(-1) ?? '')) labels.pop();
  return brands.includes(labels.at(-1) ?? '');
}
