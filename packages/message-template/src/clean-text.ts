import { find } from 'linkifyjs';

/** Marks of direction and other characters that nobody sees; joiners stay, because scripts and emoji need them. */
const invisible = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const controls = /[\p{Cc}\u2028\u2029]/gu;
const addressWithScheme = /[a-z][a-z0-9+.-]{1,19}:\/\/\S*/giu;

/**
 * Text on one line that cannot disguise what is around it and leads nowhere: without control characters, marks of
 * direction and web addresses.
 */
export function cleanText(text: string): string {
  let cleaned = text.replaceAll(invisible, '').replaceAll(controls, ' ').replaceAll(addressWithScheme, ' ');
  // What is left and right of an address may be one as soon as it stands alone.
  for (let links = linksIn(cleaned); links.length > 0; links = linksIn(cleaned)) cleaned = without(cleaned, links);
  return cleaned.replaceAll(/\s+/gu, ' ').trim();
}

function linksIn(text: string) {
  return find(text, 'url');
}

function without(text: string, links: readonly { readonly start: number; readonly end: number }[]): string {
  const kept = links.map(({ start }, n) => text.slice(links[n - 1]?.end ?? 0, start));
  return [...kept, text.slice(links.at(-1)?.end ?? 0)].join(' ');
}
