import bowser from 'bowser';

const wordsCharactersMax = 80;

/**
 * What a client calls itself, in words that need no translation: `Chrome 143, Windows` or `Safari 26, iPhone`. A program
 * is shown by the first word of its name, and a client that says nothing by none. It proves nothing: anybody can write
 * anything there.
 */
export function deviceOf(userAgent: string): string {
  const name = userAgent.trim();
  if (name === '') return '';
  const { browser, os, platform } = bowser.parse(name);
  const system = platform.type === 'desktop' ? os.name : (platform.model ?? os.name);
  if (browser.name === undefined || system === undefined) return plain(name.split(/\s/)[0] ?? '');
  const [major] = (browser.version ?? '').split('.');
  return plain(`${[browser.name, major].filter(Boolean).join(' ')}, ${system}`);
}

/** Letters, digits and what names of products have between them. */
function plain(words: string): string {
  return words
    .replaceAll(/[^\p{L}\p{N} .,/_+-]/gu, '')
    .trim()
    .slice(0, wordsCharactersMax);
}
