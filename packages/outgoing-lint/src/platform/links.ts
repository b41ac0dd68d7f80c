import { find } from 'linkifyjs';
import type { Place } from '../finding.ts';

/**
 * Without `https`, `www` or a path, an address is also what a missing blank makes of two sentences: there it counts only
 * with an ending that shops use, and a country's ending not where it is a word of some language.
 */
const shopEndings = new Set(
  'com net org info biz shop store online site xyz top app vip club dev link page website tech'.split(' '),
);
const wordEndings = new Set(
  'al am as at au be by do es fm gg hm hu id im in is it la le li lu ma me mo my ng no of ok pe ph pm re sa se si sh so st su to tv us we'.split(
    ' ',
  ),
);
const titles = new Set('mr mrs ms dr prof st no nr'.split(' '));
const secondLevel = new Set(['co', 'com', 'net', 'org']);

interface Link extends Place {
  /** In lower case. */
  readonly host: string;
}

/** Web addresses in a searched text; `written` tells how a place of it was written, with its capitals. */
export function linksIn(text: string, written: (place: Place) => string): Link[] {
  return find(text, 'url').flatMap(({ value, start, end }) => {
    const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
    if (!URL.canParse(address)) return [];
    const host = new URL(address).hostname.toLowerCase();
    const isBare = value.toLowerCase() === host && !host.startsWith('www.');
    return isBare && isSentenceEnd(host, written({ start, end })) ? [] : [{ start, end, host }];
  });
}

/** `you.Best`, `Mr.Li`, `3.de`: two words with a full stop between them. */
function isSentenceEnd(host: string, written: string): boolean {
  const labels = host.split('.');
  const ending = labels.at(-1) ?? '';
  if (shopEndings.has(ending)) return false;
  const isCountry = /^[a-z]{2}$/.test(ending) && (!wordEndings.has(ending) || secondLevel.has(labels.at(-2) ?? ''));
  const before = labels.at(-2) ?? '';
  return !isCountry || titles.has(before) || /^\d+$/.test(before) || /[\p{Ll}\d]\.\p{Lu}\p{Ll}*$/u.test(written);
}

/** E-mail addresses in a searched text. */
export function emailsIn(text: string): Place[] {
  return find(text, 'email').map(({ start, end }) => ({ start, end }));
}

/** Whether a host belongs to a brand: `www.shopee.com.my` to `shopee`, `shopee.example.com` to nobody. */
export function isHostOf(host: string, brands: readonly string[]): boolean {
  const labels = host.split('.').slice(0, -1);
  if (labels.length > 1 && secondLevel.has(labels.at(-1) ?? '')) labels.pop();
  return brands.includes(labels.at(-1) ?? '');
}
