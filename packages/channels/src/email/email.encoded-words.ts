const encodedWord = /^=\?([\w.*-]{1,60})\?([bq])\?([^\s?]{0,998})\?=$/i;

/**
 * Encoded words (RFC 2047) of one charset that follow each other, as one: many programs cut them in the middle of a character,
 * which no reader can decode apart.
 */
export function mergedWords(header: string): string {
  const merged: string[] = [];
  for (const word of header.split(/\s+/)) {
    const both = joinedWord(merged.at(-1) ?? '', word);
    if (both === null) merged.push(word);
    else merged.splice(-1, 1, both);
  }
  return merged.join(' ');
}

function joinedWord(one: string, other: string): string | null {
  const [, charset = '', encoding = '', text = ''] = encodedWord.exec(one) ?? [];
  const [, otherCharset, otherEncoding, otherText = ''] = encodedWord.exec(other) ?? [];
  const isSame = charset.toLowerCase() === otherCharset?.toLowerCase() && encoding === otherEncoding;
  if (charset === '' || !isSame) return null;
  const bytes = () => Buffer.concat([Buffer.from(text, 'base64'), Buffer.from(otherText, 'base64')]).toString('base64');
  // An encoded word is at most 998 characters long when it is joined again: more is left apart.
  const joined = encoding.toLowerCase() === 'b' ? bytes() : text + otherText;
  return joined.length > 998 ? null : `=?${charset}?${encoding}?${joined}?=`;
}
