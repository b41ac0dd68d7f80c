import { decodeWords, type Email } from 'postal-mime';
import { htmlToWords, markedImages, withoutMarks } from './email.html.ts';
import { forwardMark } from './email.quote.data.ts';
import { splitQuoted } from './email.quote.ts';

export interface MailWords {
  /** What the writer says; "" for nothing. */
  readonly fresh: string;
  /** The mails that this one repeats; null if it repeats none. */
  readonly quoted: string | null;
  /** All of it as it was written. */
  readonly whole: string;
  /** The content ids of the pictures within what is new; null if the places of pictures are not known. */
  readonly images: readonly string[] | null;
}

/** The words of a mail. Its page is read only if there is no plain text, or if it tells where pictures stand. */
export function wordsOf(email: Email): MailWords {
  const plain = email.text?.trim() ?? '';
  const html = email.html ?? '';
  const hasPlacedImages = html !== '' && email.attachments.some(({ contentId }) => contentId !== undefined);
  const isFromPage = html !== '' && (plain === '' || hasPlacedImages);
  const all = isFromPage ? htmlToWords(html) : plain;
  const { fresh, quoted } = splitQuoted(all, forwardMark.test(subjectOf(email) ?? ''));
  return {
    fresh: withoutMarks(fresh).trim(),
    quoted: quoted === null ? null : withoutMarks(quoted),
    whole: withoutMarks(all),
    images: isFromPage ? markedImages(fresh) : null,
  };
}

/** The subject in one line; null for none. */
export function subjectOf(email: Email): string | null {
  const raw = email.headers.find(({ key }) => key === 'subject')?.value ?? '';
  const subject = decodeWords(mergedWords(raw)).replaceAll(/\s+/g, ' ').trim();
  return subject === '' ? null : subject;
}

const encodedWord = /^=\?([\w.*-]{1,60})\?([bq])\?([^\s?]{0,998})\?=$/i;

/**
 * Encoded words (RFC 2047) of one charset that follow each other, as one: many programs cut them in the middle of a character,
 * which no reader can decode apart.
 */
function mergedWords(header: string): string {
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

/** What a calendar says in one line, for a mail without words; null if it says nothing. */
export function calendarLine(calendar: string): string | null {
  const unfolded = calendar.replaceAll(/\r?\n[ \t]/g, '');
  const field = (name: 'METHOD' | 'SUMMARY' | 'DTSTART' | 'PARTSTAT') => fields[name].exec(unfolded)?.[1]?.trim() ?? '';
  const summary = field('SUMMARY')
    .replaceAll(/\\([,;\\])/g, '$1')
    .replaceAll(/\\n/gi, ' ');
  const line = [field('METHOD'), field('PARTSTAT'), summary, field('DTSTART')]
    .filter((word) => word !== '')
    .join(' · ');
  return line === '' ? null : line;
}

const fields = {
  METHOD: /^METHOD:([^\r\n]{1,40})/im,
  SUMMARY: /^SUMMARY(?:;[^:\r\n]{0,200})?:([^\r\n]{1,300})/im,
  DTSTART: /^DTSTART(?:;[^:\r\n]{0,200})?:([^\r\n]{1,40})/im,
  PARTSTAT: /^ATTENDEE[^\r\n]{0,400}PARTSTAT=([A-Z-]{1,20})/im,
} as const;
