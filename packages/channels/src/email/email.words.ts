import { decodeWords, type Email } from 'postal-mime';
import { htmlToWords, markedImages, withoutMarks } from './email.html.ts';
import { mergedWords } from './email.encoded-words.ts';
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
